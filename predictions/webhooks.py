"""What customers' webhooks are told of predictions, in the transaction that ends them."""

import uuid
from collections.abc import Iterable

from django.urls import reverse

from accounts.webhooks import events
from accounts.webhooks.events import Event, Listeners, listening
from predictions.models import Batch, Prediction

__all__ = ["Listeners", "batch_ended", "batch_quoted", "failed", "listening", "succeeded"]

TYPES = {
    Prediction.Status.SUCCEEDED: events.PREDICTION_SUCCEEDED,
    Prediction.Status.FAILED: events.PREDICTION_FAILED,
}


def succeeded(listeners: Listeners, rows: Iterable[Prediction]) -> None:
    """Tell of results that the caller's transaction stores."""
    _record(listeners, rows, Prediction.Status.SUCCEEDED)


def failed(listeners: Listeners, prediction: Prediction) -> None:
    """Tell of one that the caller's transaction fails. Of one that its customer cancels, nothing is told."""
    _record(listeners, [prediction], Prediction.Status.FAILED)


def batch_quoted(batch: Batch) -> None:
    """Tell that a file has a price, which the caller's transaction stores."""
    _record_batch(batch, events.BATCH_QUOTED)


def batch_ended(batch: Batch) -> None:
    """Tell that a file is completed or has failed, paid or not. Nothing of one that its customer cancels."""
    if batch.status in (Batch.Status.COMPLETED, Batch.Status.FAILED):
        _record_batch(batch, events.BATCH_COMPLETED)


def _record_batch(batch: Batch, type_: str) -> None:
    path = reverse("api:batch", args=[batch.pk])
    events.record(Event(batch.user_id, type_, str(batch.pk), batch.status, path))


def _record(listeners: Listeners, rows: Iterable[Prediction], status: Prediction.Status) -> None:
    if listeners:
        listeners.record(
            Event(row.user_id, TYPES[status], str(row.pk), status, _path(row.pk)) for row in rows
        )


def _path(pk: uuid.UUID) -> str:
    return reverse("api:prediction", args=[pk])
