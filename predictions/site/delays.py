"""When an order takes longer than usual, and what is said about it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

from predictions.models import Prediction

# A prediction that is pending for longer is late, and its page says so.
LATE_AFTER = timedelta(seconds=5)
# From here on order forms say so, too.
BACKLOG_AFTER = timedelta(seconds=10)


def is_late(prediction: Prediction) -> bool:
    return prediction.is_pending and timezone.now() - prediction.queued_at > LATE_AFTER


def settled_by(prediction: Prediction) -> datetime:
    """The minute by which a pending prediction has its result or its refund."""
    at: datetime = prediction.queued_at + settings.DEADLINE + timedelta(seconds=settings.MONITOR_SECONDS)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def backlog_seconds() -> float:
    """Age of the oldest queued order; 0 if it is below `BACKLOG_AFTER`.

    Orders past the deadline are about to be settled, or cannot be, and delay nobody.
    """
    now = timezone.now()
    queued = Prediction.objects.queued().filter(queued_at__gt=now - settings.DEADLINE)
    oldest = queued.order_by("queued_at").values_list("queued_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest and now - oldest > BACKLOG_AFTER else 0.0


def backlog_text() -> str:
    """How long the oldest order has waited; empty while there is no backlog."""
    seconds = int(backlog_seconds())
    if not seconds:
        return ""
    if seconds < 60:
        text = ngettext(
            "Orders are waiting: the oldest one for %(seconds)s second.",
            "Orders are waiting: the oldest one for %(seconds)s seconds.",
            seconds,
        )
        return text % {"seconds": seconds}
    minutes = seconds // 60
    text = ngettext(
        "Orders are waiting: the oldest one for %(minutes)s minute.",
        "Orders are waiting: the oldest one for %(minutes)s minutes.",
        minutes,
    )
    return text % {"minutes": minutes}
