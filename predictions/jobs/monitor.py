"""The safety net: settles what is left open. Its cost depends on pending rows, not on past ones."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from predictions.jobs import transitions
from predictions.models import Prediction

logger = logging.getLogger(__name__)

# Workers were told about younger rows a moment ago.
GRACE = timedelta(seconds=1)


def settle_open() -> dict[str, int]:
    """Requeue expired leases, fail and refund what cannot be finished; returns counts of what was done.

    `queued` rows wait for a worker; waking one is up to the caller.
    """
    now = timezone.now()
    report = {
        "deadline_passed": _deadline_passed(now),
        "attempts_exhausted": _attempts_exhausted(now),
        "requeued": requeue_expired(now),
        "queued": Prediction.objects.queued().filter(queued_at__lt=now - GRACE).count(),
    }
    if any(report.values()):
        logger.warning("monitor: %s", ", ".join(f"{name} {count}" for name, count in report.items()))
    return report


def oldest_pending_seconds() -> float:
    """Age of the oldest pending prediction, 0 without one: shows whether the service delivers."""
    oldest = Prediction.objects.pending().order_by("queued_at").values_list("queued_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def refund_overdue() -> int:
    """Fail and refund what has passed its deadline; returns how many. Needs only the database."""
    refunded = _deadline_passed(timezone.now())
    if refunded:
        logger.warning("%d orders have passed their deadline and are refunded", refunded)
    return refunded


def _deadline_passed(now: datetime) -> int:
    late = Prediction.objects.pending().filter(queued_at__lt=now - settings.DEADLINE)
    return transitions.fail_all(late, Prediction.Failure.DEADLINE)


def _attempts_exhausted(now: datetime) -> int:
    dead = Prediction.objects.running().filter(
        claimed_at__lt=now - settings.LEASE, attempts__gte=settings.MAX_ATTEMPTS
    )
    return transitions.fail_all(dead, Prediction.Failure.ATTEMPTS)


def requeue_expired(now: datetime) -> int:
    """Put predictions whose worker seems to have died back in the queue; returns how many."""
    dead = Prediction.objects.running().filter(claimed_at__lt=now - settings.LEASE)
    return transitions.requeue(dead)
