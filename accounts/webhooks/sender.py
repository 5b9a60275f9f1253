"""Sends what is due: threads for the requests, and one that alone asks the database.

The threads wait for receivers, and the mails of the same process do not wait for them.
"""

import logging
import queue
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from django.utils import timezone

from accounts.webhooks import client, deliveries, signing
from accounts.webhooks.deliveries import Claimed, Result
from accounts.webhooks.models import WebhookDelivery
from accounts.webhooks.turns import Room

logger = logging.getLogger(__name__)

# Requests at the same time, of a process; and of these, to endpoints that are new, slow or failing. So those
# of which nobody knows whether they answer cannot hold the threads of the others.
SLOTS, DOUBTFUL_SLOTS = 32, 16
# So often it looks for what is due while it waits for answers.
LOOK_SECONDS = 1.0
# After this long it returns, whatever is left, so that its caller does its other work between.
TURN_SECONDS = 5.0


class Sender:
    """Takes due deliveries by turns of their endpoints, so that no customer waits for those of another."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self._stopping = threading.Event()
        # Whose turn was last. If the process dies, the turns begin again, which does no harm.
        self._last: uuid.UUID | None = None
        self._in_flight = self._doubtful = 0
        self._ended: queue.Queue[Result] = queue.Queue()
        # What could not be recorded, because the database was away.
        self._unrecorded: list[Result] = []
        self._threads: ThreadPoolExecutor | None = None
        self._one = threading.Lock()

    def send_due(self) -> bool:
        """Send what is due and record the answers.

        Returns True after `TURN_SECONDS`, to be called again at once; False when nothing is left to do.
        """
        end = time.monotonic() + TURN_SECONDS
        with self._one:
            while True:
                self._record()
                if not self._stopping.is_set():
                    self._begin()
                if not self._in_flight:
                    return False
                self._wait()
                # Once it is stopping, nobody calls it again, and what is in flight must be recorded.
                if time.monotonic() > end and not self._stopping.is_set():
                    return True

    def stop(self) -> None:
        """Let what is being sent end, and begin nothing more."""
        self._stopping.set()
        self.woken.set()

    def _begin(self) -> None:
        self.woken.clear()
        room = Room(SLOTS - self._in_flight, DOUBTFUL_SLOTS - self._doubtful)
        claimed = deliveries.claim(room, self._last)
        if claimed and self._threads is None:
            self._threads = ThreadPoolExecutor(SLOTS, thread_name_prefix="webhook")
        for one in claimed:
            assert self._threads
            self._last = one.endpoint_id
            self._in_flight += 1
            self._doubtful += not one.quick
            self._threads.submit(self._send, one)

    def _wait(self) -> None:
        """Wait until one or more have ended, or for a moment."""
        try:
            self._unrecorded.append(self._ended.get(timeout=LOOK_SECONDS))
            while True:
                self._unrecorded.append(self._ended.get_nowait())
        except queue.Empty:
            pass

    def _record(self) -> None:
        deliveries.record(self._unrecorded)
        self._in_flight -= len(self._unrecorded)
        self._doubtful -= sum(not one.delivery.quick for one in self._unrecorded)
        self._unrecorded = []

    def _send(self, delivery: Claimed) -> None:
        at = timezone.now()
        try:
            headers = signing.headers(delivery.event_id, at, delivery.body, delivery.secrets)
            outcome = client.post(delivery.url, delivery.body, headers)
        except Exception:
            logger.exception("webhook delivery %s cannot be sent", delivery.id)
            outcome = client.Outcome(WebhookDelivery.Error.INTERRUPTED, None, 0)
        self._ended.put(Result(delivery, at, outcome))
