"""What customers' webhooks are told of predictions, in the transaction that ends them."""

import uuid
from collections.abc import Iterable

from django.urls import reverse

from accounts.webhooks import events
from accounts.webhooks.events import Event, Listeners, listening
from predictions.models import Prediction

__all__ = ["Listeners", "failed", "listening", "succeeded"]

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


def _record(listeners: Listeners, rows: Iterable[Prediction], status: Prediction.Status) -> None:
    if listeners:
        listeners.record(
            Event(row.user_id, TYPES[status], str(row.pk), status, _path(row.pk)) for row in rows
        )


def _path(pk: uuid.UUID) -> str:
    return reverse("api:prediction", args=[pk])
