"""Settles open orders from the web role, whose pages promise the deadline.

The monitor job does the same, but not while the broker, the clock or the workers are down, which is when
orders pass their deadline.
"""

from django.conf import settings

from creditscore.run.repeated import Repeated
from predictions import tasks


def start_deadline_watch() -> None:
    """Start a thread that settles open orders, and wakes workers if it can, until the process ends."""
    Repeated("deadlines", settings.MONITOR_SECONDS, tasks.monitor)
