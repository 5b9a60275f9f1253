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


def refundable(prediction: Prediction) -> int:
    """Return what `refund` would give back now, in minor units."""
    if prediction.is_refunded or prediction.status == Status.RUNNING:
        return 0
    if prediction.is_pending and (prediction.comparison_id or prediction.comped_by_id):
        return 0
    return prediction.price


def refund(prediction: Prediction, *, operator: User, reason: str) -> bool:
    """Cancel a queued prediction or refund a finished one; False if it is running or already refunded.

    The ledger has the operator and the reason.
    """
    note = f"Refund of prediction {prediction.pk}: {reason}"
    if prediction.status == Status.QUEUED and transitions.cancel(prediction, operator, note):
        return True
    if prediction.is_pending:
        return False
    try:
        with transaction.atomic():
            billing.refund(prediction.charge, operator=operator, note=note)
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


def refundable_of_file(batch: Batch) -> int:
    """Return what `refund_file` would give back now, in minor units; of an open file read `with_progress`."""
    return batch.due_refund if batch.is_open else 0


def refund_file(batch: Batch, *, operator: User, reason: str) -> bool:
    """Stop a paid file and refund its rows without a result, which are those of every file that has ended.

    Returns False if it has ended, or was not paid: no row has both a result and a refund. The ledger has the
    operator and the reason.
    """
    if batch.charge_id is None:
        return False
    files.complete(batch)
    return files.cancel(batch, operator, f"Refund of file {batch.pk}: {reason}")
