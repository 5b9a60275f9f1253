"""Settles predictions that workers left unfinished. The cost depends only on rows that wait."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from predictions.jobs import transitions
from predictions.models import Prediction
from predictions.results import explanations

logger = logging.getLogger(__name__)

# Workers have just been notified of newer rows.
GRACE = timedelta(seconds=1)


def settle_open() -> dict[str, int]:
    """Requeue expired leases, fail and refund predictions that cannot be finished; return the counts.

    If there are `queued` rows or rows `to_explain`, the caller must notify those who do it.
    """
    now = timezone.now()
    late = Prediction.objects.pending().filter(queued_at__lt=now - settings.DEADLINE)
    report = {
        "deadline_passed": transitions.fail_all(late, Prediction.Failure.DEADLINE),
        **settle_expired(),
        "queued": Prediction.objects.queued().filter(queued_at__lt=now - GRACE).count(),
        "to_explain": explanations.waiting().filter(explanation_requested_at__lt=now - GRACE).count(),
    }
    if any(report.values()):
        logger.warning("monitor: %s", ", ".join(f"{name} {count}" for name, count in report.items()))
    return report


def settle_expired() -> dict[str, int]:
    """Requeue expired leases, or fail and refund those without attempts left; return the counts.

    Workers do it before they claim rows, so what a killed worker has claimed waits for no schedule.
    """
    expired = Prediction.objects.expired()
    if not expired.exists():
        return {"attempts_exhausted": 0, "requeued": 0}
    exhausted = expired.filter(attempts__gte=settings.MAX_ATTEMPTS)
    return {
        "attempts_exhausted": transitions.fail_all(exhausted, Prediction.Failure.ATTEMPTS),
        "requeued": transitions.requeue(expired.filter(attempts__lt=settings.MAX_ATTEMPTS)),
    }


def oldest_pending_seconds() -> float:
    """Return the age of the oldest pending prediction, 0 if there is none."""
    oldest = Prediction.objects.pending().order_by("queued_at").values_list("queued_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
