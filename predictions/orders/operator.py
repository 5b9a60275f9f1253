"""Actions of operators on predictions."""

from django.db import transaction

from accounts.models import User
from billing import services as billing
from predictions import events, tasks
from predictions.jobs import transitions
from predictions.models import Prediction

Status = Prediction.Status


def retry(prediction: Prediction, *, operator: User) -> bool:
    """Requeue a pending prediction, or queue a failed one free of charge, and notify the workers.

    Returns False for a prediction that is neither.
    """
    if prediction.is_pending:
        transitions.requeue(Prediction.objects.running().filter(pk=prediction.pk, claim=prediction.claim))
    elif not transitions.comp(prediction, operator):
        return False
    tasks.notify_workers()
    return True


def refund(prediction: Prediction, *, operator: User) -> bool:
    """Cancel a queued prediction or refund a finished one; False if it is running or already refunded."""
    if prediction.status == Status.QUEUED and transitions.cancel(prediction):
        return True
    if prediction.is_pending:
        return False
    try:
        with transaction.atomic():
            billing.refund(prediction.charge, operator=operator, note=f"Refund of prediction {prediction.pk}")
            events.refunded(prediction)
    except billing.AlreadyRefunded:
        return False
    return True
