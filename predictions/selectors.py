"""Queries that pages and API share."""

import threading
import time
import uuid
from dataclasses import dataclass

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from accounts.models import User
from predictions.models import Comparison, Prediction
from predictions.orders.predictions import Order

PENDING_SHOWN = 5
# A request that waits occupies a thread of the web server; if this many wait, others do not wait.
_wait_slots = threading.BoundedSemaphore(6)


def get_prediction_or_404(user: User, pk: uuid.UUID) -> Prediction:
    """Return the user's prediction. Raises `Http404`, also for other users' predictions."""
    return get_object_or_404(Prediction.objects.of(user).with_links(), pk=pk)


def get_comparison_or_404(user: User, pk: uuid.UUID) -> Comparison:
    """Return the user's comparison with its parts. Raises `Http404`, also for other users' comparisons."""
    parts = Prefetch("predictions", Prediction.objects.with_links().order_by("model__position"))
    return get_object_or_404(Comparison.objects.filter(user=user).prefetch_related(parts), pk=pk)


def order_with_key(user: User, request_key: str) -> Prediction | Comparison | None:
    """Return the user's order that this request key has paid for."""
    own = Prediction.objects.with_links().filter(charge__wallet__user=user, charge__request_key=request_key)
    single = own.filter(comparison__isnull=True).first()
    return single or Comparison.objects.filter(user=user, request_key=request_key).first()


@dataclass(frozen=True)
class Pending:
    """A user's newest pending predictions, and the number of all of them."""

    rows: list[Prediction]
    count: int

    @property
    def state(self) -> str:
        """A string that changes whenever `count`, or a row or its status changes."""
        return "-".join([str(self.count), *(f"{row.pk.hex}{row.status[0]}" for row in self.rows)])


def pending_of(user: User) -> Pending:
    own = Prediction.objects.of(user).pending()
    return Pending(list(own.with_links().order_by("-created_at", "-pk")[:PENDING_SHOWN]), own.count())


def wait_for_result(order: Order, seconds: float) -> Prediction:
    """Return the ordered prediction once it has ended, or after `seconds` in its current state.

    Does not wait if the workers were not notified, or if too many requests of this process wait.
    """
    prediction = order.prediction
    if not order.published or not _wait_slots.acquire(blocking=False):
        return prediction
    try:
        deadline, pause = time.monotonic() + seconds, 0.002
        while prediction.is_pending and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 1.3, 0.05)
            prediction = Prediction.objects.with_links().get(pk=prediction.pk)
        return prediction
    finally:
        _wait_slots.release()
