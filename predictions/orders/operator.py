"""What operators do to a prediction, on top of the same steps that customers and workers take."""

from django.db import transaction

from accounts.models import User
from billing import services as billing
from predictions import tasks
from predictions.jobs import transitions
from predictions.models import Prediction

Status = Prediction.Status


def retry(prediction: Prediction, *, operator: User) -> bool:
    """Take an open one back, or run a failed one again at the house's cost, and ring.

    False when there is nothing to retry.
    """
    if prediction.is_pending:
        transitions.requeue(Prediction.objects.running().filter(pk=prediction.pk, claim=prediction.claim))
    elif not transitions.comp(prediction, operator):
        return False
    tasks.notify_workers()
    return True


def refund(prediction: Prediction, *, operator: User) -> bool:
    """Cancel what has not begun; give the money of a finished one back. False when it has been."""
    if prediction.status == Status.QUEUED and transitions.cancel(prediction):
        return True
    if prediction.is_pending:
        return False
    try:
        with transaction.atomic():
            billing.refund(prediction.charge, operator=operator, note=f"Refund of prediction {prediction.pk}")
    except billing.AlreadyRefunded:
        return False
    return True
