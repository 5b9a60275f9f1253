"""Settles predictions that workers left unfinished. The cost depends only on pending rows."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from predictions.jobs import transitions
from predictions.models import Prediction

logger = logging.getLogger(__name__)

# Workers have just been notified of newer rows.
GRACE = timedelta(seconds=1)


def settle_open() -> dict[str, int]:
    """Requeue expired leases, fail and refund predictions that cannot be finished; return the counts.

    If there are `queued` rows, the caller must notify the workers.
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
    """Return the age of the oldest pending prediction, 0 if there is none."""
    oldest = Prediction.objects.pending().order_by("queued_at").values_list("queued_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def refund_overdue() -> int:
    """Fail and refund predictions past their deadline; return how many. Needs only the database."""
    refunded = _deadline_passed(timezone.now())
    if refunded:
        logger.warning("%d predictions passed their deadline and were refunded", refunded)
    return refunded


def _deadline_passed(now: datetime) -> int:
    late = Prediction.objects.pending().filter(queued_at__lt=now - settings.DEADLINE)
    return transitions.fail_all(late, Prediction.Failure.DEADLINE)


def _attempts_exhausted(now: datetime) -> int:
    exhausted = Prediction.objects.running().filter(
        claimed_at__lt=now - settings.LEASE, attempts__gte=settings.MAX_ATTEMPTS
    )
    return transitions.fail_all(exhausted, Prediction.Failure.ATTEMPTS)


def requeue_expired(now: datetime) -> int:
    """Requeue predictions whose lease has expired because their worker died; return how many."""
    expired = Prediction.objects.running().filter(claimed_at__lt=now - settings.LEASE)
    return transitions.requeue(expired)
