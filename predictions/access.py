"""Which predictions a user may see."""

import uuid

from django.shortcuts import get_object_or_404

from accounts.models import User
from predictions.models import Prediction


def prediction_of(user: User, pk: uuid.UUID) -> Prediction:
    """This user's prediction, or 404: nobody learns that somebody else's exists."""
    return get_object_or_404(Prediction.objects.of(user).with_links(), pk=pk)
