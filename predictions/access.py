"""Which predictions a user may see."""

import uuid

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from accounts.models import User
from predictions.models import Comparison, Prediction


def prediction_of(user: User, pk: uuid.UUID) -> Prediction:
    """This user's prediction, or 404: nobody learns that somebody else's exists."""
    return get_object_or_404(Prediction.objects.of(user).with_links(), pk=pk)


def comparison_of(user: User, pk: uuid.UUID) -> Comparison:
    """This user's comparison with all that it shows, or 404."""
    parts = Prefetch("predictions", Prediction.objects.with_links().order_by("model__position"))
    return get_object_or_404(Comparison.objects.filter(user=user).prefetch_related(parts), pk=pk)
