"""Queries that pages and API share."""

import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from accounts.models import User
from predictions.announcements import listener
from predictions.models import Batch, Comparison, Prediction

PENDING_SHOWN = 5
# A request that waits occupies a thread of the web server; if this many wait, others do not wait.
_wait_slots = threading.BoundedSemaphore(6)


def owned(user: User, predictions: Iterable[Prediction]) -> list[Prediction]:
    """Return predictions of `user` that know it as this object, whose policy is read once for all of them."""
    rows = list(predictions)
    for row in rows:
        row.user = user
    return rows


def get_prediction_or_404(user: User, pk: uuid.UUID) -> Prediction:
    """Return the user's prediction. Raises `Http404`, also for other users' predictions."""
    (prediction,) = owned(user, [get_object_or_404(Prediction.objects.of(user).with_links(), pk=pk)])
    return prediction


def get_comparison_or_404(user: User, pk: uuid.UUID) -> Comparison:
    """Return the user's comparison with its parts. Raises `Http404`, also for other users' comparisons."""
    parts = Prefetch("predictions", Prediction.objects.with_links().order_by("model__position"))
    comparison = get_object_or_404(Comparison.objects.filter(user=user).prefetch_related(parts), pk=pk)
    owned(user, comparison.predictions.all())
    return comparison


def get_batch_or_404(user: User, pk: uuid.UUID) -> Batch:
    """Return the user's file with its progress. Raises `Http404`, also for other users' files."""
    return get_object_or_404(Batch.objects.of(user).with_progress(), pk=pk)


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


def wait_for_result(user: User, pk: uuid.UUID, seconds: float) -> Prediction:
    """Return the user's prediction once it has ended, or after `seconds` in its current state.

    Does not wait if too many requests of this process wait.
    """
    may_wait = _wait_slots.acquire(blocking=False)
    deadline = time.monotonic() + (seconds if may_wait else 0)
    try:
        with listener.expect(pk) as announced:
            while True:
                # Before the look, which sees what was announced until now.
                announced.clear()
                prediction = get_prediction_or_404(user, pk)
                left = deadline - time.monotonic()
                if not prediction.is_pending or left <= 0:
                    return prediction
                announced.wait(min(left, listener.pause()))
    finally:
        if may_wait:
            _wait_slots.release()
