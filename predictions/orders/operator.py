"""Actions of operators on predictions and files."""

from django.db import transaction

from accounts.models import User
from billing import services as billing
from predictions import events, tasks
from predictions.batches import transitions as files
from predictions.jobs import transitions
from predictions.models import Batch, Prediction

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


def retry_file(batch: Batch, *, operator: User) -> bool:
    """Take a file back from its workers, or have a failed one checked or, free of charge, scored again.

    Returns False for a file that is neither, whose contents are deleted, or that cannot be read.
    """
    if not (files.requeue(batch) or files.check_again(batch) or files.comp(batch, operator)):
        return False
    tasks.notify_bulk()
    return True


def refund_file(batch: Batch, *, operator: User) -> bool:
    """Stop a paid file and refund its rows without a result, which are those of every file that has ended.

    Returns False if it has ended, or was not paid: no row has both a result and a refund.
    """
    if batch.charge_id is None:
        return False
    files.complete(batch)
    return files.cancel(batch, operator)
