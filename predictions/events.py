"""What is told of predictions to those who watch the service, once it is committed."""

import uuid
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from predictions.models import Prediction
from telemetry import context, metrics


def ordered(prediction: Prediction) -> None:
    """Tell of an order in the caller's transaction."""
    model, channel = prediction.model.slug, context.get("channel") or "command"
    _once_committed(lambda: metrics.ordered(model, channel))


def succeeded(rows: Sequence[Prediction], results: Mapping[uuid.UUID, float]) -> None:
    """Tell of results that have been stored."""
    status, now = Prediction.Status.SUCCEEDED, timezone.now()

    def tell() -> None:
        for row in rows:
            metrics.scored(row.model.slug, results[row.pk])
            metrics.ended(row.model.slug, status, "", (now - row.queued_at).total_seconds())

    _once_committed(tell)


def ended(prediction: Prediction, status: str, failure: str = "") -> None:
    """Tell of a prediction that ends without a result in the caller's transaction."""
    seconds = (timezone.now() - prediction.queued_at).total_seconds()
    _once_committed(lambda: metrics.ended(prediction.model.slug, status, failure, seconds))


def _once_committed(tell: Callable[[], None]) -> None:
    # An error here is logged: it must not look like one of the order, which is paid.
    transaction.on_commit(tell, robust=True)
