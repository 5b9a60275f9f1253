"""Settles open orders from the web role, whose pages promise the deadline.

The monitor job does the same, but not while the broker, the clock or the workers are down, which is when
orders pass their deadline.
"""

import logging
import threading
import time

from django.conf import settings
from django.db import connections

from predictions import tasks

logger = logging.getLogger(__name__)


def start_deadline_watch() -> None:
    """Start a thread that settles open orders, and wakes workers if it can, until the process ends."""
    threading.Thread(target=_watch, name="deadlines", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(settings.MONITOR_SECONDS)
        try:
            try:
                tasks.monitor()
            finally:
                connections.close_all()
        except Exception:
            # The database may be down for a while; the next pass tries again.
            logger.exception("open orders could not be settled")
