"""What operators do to a prediction, on top of the same steps that customers and workers take."""

from django.db import transaction

from accounts.models import User
from billing import services as billing
from predictions import catalog, ordering, settling, tasks
from predictions.models import Prediction

Status = Prediction.Status


class CannotRetry(Exception):
    """The prediction cannot be ordered again now; the cause says why."""


def retry(prediction: Prediction, *, operator: User) -> bool:
    """Take an open one back and ring; order a failed one, refunded as it is, again at the house's cost.

    False when there is nothing to retry. Raises `CannotRetry`.
    """
    if prediction.is_pending:
        settling.take_back(Prediction.objects.running().filter(pk=prediction.pk, claim=prediction.claim))
        tasks.ring()
        return True
    if prediction.status != Status.FAILED:
        return False
    try:
        _order_again(prediction, operator)
    except (
        catalog.ModelSwitchedOff,
        catalog.ModelUnavailable,
        ordering.TooManyOrders,
        billing.RequestKeyReused,
    ) as error:
        raise CannotRetry from error
    return True


def _order_again(prediction: Prediction, operator: User) -> None:
    """Give the price and take it again. A second retry finds the first one's order."""
    key = f"retry:{prediction.pk}"
    with transaction.atomic():
        billing.adjust(
            user=prediction.user,
            amount=prediction.model.price,
            reason=f"Retry of prediction {prediction.pk}",
            operator=operator,
            request_key=f"{key}:price",
        )
        ordering.order_prediction(
            user=prediction.user, model=prediction.model, applicant=prediction.facts, request_key=key
        )


def refund(prediction: Prediction, *, operator: User) -> bool:
    """Cancel what has not begun; give the money of a finished one back. False when it has been."""
    if prediction.status == Status.QUEUED and settling.cancel(prediction):
        return True
    if prediction.is_pending:
        return False
    try:
        with transaction.atomic():
            billing.refund(prediction.charge, operator=operator, note=f"Refund of prediction {prediction.pk}")
    except billing.AlreadyRefunded:
        return False
    return True
