"""What is said before an order when orders have to wait."""

from django.utils.translation import ngettext

from predictions import monitor


def backlog_text() -> str:
    """How long the oldest order has waited, in words; empty as long as orders flow."""
    seconds = int(monitor.backlog_seconds())
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
