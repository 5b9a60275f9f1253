"""The safety net: settles whatever is left open. It costs what is pending, not what is past."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from predictions import settling
from predictions.models import Prediction

logger = logging.getLogger(__name__)

# Younger rows have had their own bell a moment ago.
GRACE = timedelta(seconds=1)
# What waits longer than this takes longer than usual, and its customer is told so.
USUAL = timedelta(seconds=5)
# From here on those who are about to order are told, too.
BACKLOG = timedelta(seconds=10)


def settle_open() -> dict[str, int]:
    """Take back expired leases, fail and refund what cannot be finished; counts of what was done.

    `waiting` rows need a bell, which is the caller's to ring.
    """
    now = timezone.now()
    report = {
        "deadline_passed": _deadline_passed(now),
        "attempts_exhausted": _attempts_exhausted(now),
        "taken_back": _take_back(now),
        "waiting": Prediction.objects.queued().filter(queued_at__lt=now - GRACE).count(),
    }
    if any(report.values()):
        logger.warning("monitor: %s", ", ".join(f"{name} {count}" for name, count in report.items()))
    return report


def oldest_pending_seconds() -> float:
    """Age of the oldest open prediction, 0 without one: the health of the whole chain in one number."""
    oldest = Prediction.objects.pending().order_by("queued_at").values_list("queued_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def backlog_seconds() -> float:
    """Age of the oldest order that waits for a worker, 0 when it is less than worth telling.

    Older ones than the deadline are about to be settled, or cannot be, and delay nobody.
    """
    now = timezone.now()
    waiting = Prediction.objects.queued().filter(queued_at__gt=now - settings.DEADLINE)
    oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest and now - oldest > BACKLOG else 0.0


def is_late(prediction: Prediction) -> bool:
    return prediction.is_pending and timezone.now() - prediction.queued_at > USUAL


def settled_by(prediction: Prediction) -> datetime:
    """The minute by which a pending prediction has its result or its refund."""
    at: datetime = prediction.queued_at + settings.DEADLINE + timedelta(seconds=settings.MONITOR_SECONDS)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def refund_overdue() -> int:
    """Fail and refund what has passed its deadline; returns how many. Needs the database alone."""
    refunded = _deadline_passed(timezone.now())
    if refunded:
        logger.warning("%d orders have passed their deadline and are refunded", refunded)
    return refunded


def _deadline_passed(now: datetime) -> int:
    late = Prediction.objects.pending().filter(queued_at__lt=now - settings.DEADLINE)
    return settling.fail_all(late, Prediction.Failure.DEADLINE)


def _attempts_exhausted(now: datetime) -> int:
    dead = Prediction.objects.running().filter(
        claimed_at__lt=now - settings.LEASE, attempts__gte=settings.MAX_ATTEMPTS
    )
    return settling.fail_all(dead, Prediction.Failure.ATTEMPTS)


def _take_back(now: datetime) -> int:
    dead = Prediction.objects.running().filter(claimed_at__lt=now - settings.LEASE)
    return settling.take_back(dead)
