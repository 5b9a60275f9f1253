"""Reads that pages and API share: whose prediction it is, what is pending, waiting for a result."""

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
# A waiting request holds a thread of the web server; beyond this many a process answers at once.
_waiting_slots = threading.BoundedSemaphore(6)


def get_prediction_or_404(user: User, pk: uuid.UUID) -> Prediction:
    """The user's prediction. Raises `Http404`, also for other users' predictions."""
    return get_object_or_404(Prediction.objects.of(user).with_links(), pk=pk)


def get_comparison_or_404(user: User, pk: uuid.UUID) -> Comparison:
    """The user's comparison with its predictions. Raises `Http404`, also for other users' comparisons."""
    parts = Prefetch("predictions", Prediction.objects.with_links().order_by("model__position"))
    return get_object_or_404(Comparison.objects.filter(user=user).prefetch_related(parts), pk=pk)


@dataclass(frozen=True)
class Pending:
    """The newest queued and running predictions of a user, and how many there are in all."""

    rows: list[Prediction]
    count: int

    @property
    def state(self) -> str:
        """A text that changes whenever anything of this changes."""
        return "-".join([str(self.count), *(f"{row.pk.hex}{row.status[0]}" for row in self.rows)])


def pending_of(user: User) -> Pending:
    own = Prediction.objects.of(user).pending()
    return Pending(list(own.with_links().order_by("-created_at", "-pk")[:PENDING_SHOWN]), own.count())


def wait_for_result(order: Order, seconds: float) -> Prediction:
    """The ordered prediction when it has ended, or as it is after `seconds`.

    Does not wait for what no worker knows of, nor when too many requests of this process wait already.
    """
    prediction = order.prediction
    if not order.published or not _waiting_slots.acquire(blocking=False):
        return prediction
    try:
        deadline, pause = time.monotonic() + seconds, 0.002
        while prediction.is_pending and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 1.3, 0.05)
            prediction = Prediction.objects.with_links().get(pk=prediction.pk)
        return prediction
    finally:
        _waiting_slots.release()
