"""Keeps the deadline of orders in the web role, which promises it on its pages.

The monitor is a job: it does not run while the broker, the clock or the workers are down, and those are
the times when an order passes its deadline.
"""

import logging
import threading
import time

from django.conf import settings
from django.db import connections

from predictions.jobs import monitor

logger = logging.getLogger(__name__)


def start_deadline_watch() -> None:
    """Refund what is overdue from now on, in a thread of its own that ends with the process."""
    threading.Thread(target=_watch, name="deadlines", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(settings.MONITOR_SECONDS)
        try:
            try:
                monitor.refund_overdue()
            finally:
                connections.close_all()
        except Exception:
            # The database may be away for a while; the next round comes.
            logger.exception("deadlines could not be kept")
