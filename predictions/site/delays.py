"""Late orders, the backlog, and the text about it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

from predictions.models import Prediction

# A prediction that is pending for longer is shown as late.
LATE_AFTER = timedelta(seconds=5)
# Order forms mention a backlog if the oldest queued order is older than this.
BACKLOG_AFTER = timedelta(seconds=10)


def is_late(prediction: Prediction) -> bool:
    return prediction.is_pending and timezone.now() - prediction.queued_at > LATE_AFTER


def settled_by(prediction: Prediction) -> datetime:
    """Return the minute by which a pending prediction has a result or a refund."""
    at: datetime = prediction.queued_at + settings.DEADLINE + timedelta(seconds=settings.MONITOR_SECONDS)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def backlog_seconds() -> float:
    """Return the age of the oldest queued order; 0 if it is at most `BACKLOG_AFTER`.

    Ignores orders past the deadline, which are about to be refunded and delay no others.
    """
    now = timezone.now()
    queued = Prediction.objects.queued().filter(queued_at__gt=now - settings.DEADLINE)
    oldest = queued.order_by("queued_at").values_list("queued_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest and now - oldest > BACKLOG_AFTER else 0.0


def backlog_text() -> str:
    """Return a sentence with the age of the oldest queued order; "" without a backlog."""
    seconds = int(backlog_seconds())
    if not seconds:
        return ""
    if seconds < 60:
        text = ngettext(
            "Orders are delayed. The oldest has been waiting for %(seconds)s second.",
            "Orders are delayed. The oldest has been waiting for %(seconds)s seconds.",
            seconds,
        )
        return text % {"seconds": seconds}
    minutes = seconds // 60
    text = ngettext(
        "Orders are delayed. The oldest has been waiting for %(minutes)s minute.",
        "Orders are delayed. The oldest has been waiting for %(minutes)s minutes.",
        minutes,
    )
    return text % {"minutes": minutes}
