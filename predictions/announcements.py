"""Workers announce stored results over the broker's pub/sub, so that requests that wait need not poll.

An announcement may be lost with the broker, so whoever waits looks at the row now and then as well.
"""

import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from telemetry import metrics

logger = logging.getLogger(__name__)

CHANNEL = "creditscore:results"
PUBLISH_SECONDS, SILENT_SECONDS = 0.5, 5
# The listener connects again after this, and asks after `SILENCE_SECONDS` whether the broker is still there.
RECONNECT_SECONDS, SILENCE_SECONDS = 1, 5
# A request that waits looks at the row this often: the longer pause is for lost announcements.
LOOK_SECONDS, POLL_SECONDS = 0.5, 0.02

_silent_until = float("-inf")


@cache
def _publisher(broker_url: str) -> Redis:
    timeouts = {"socket_timeout": PUBLISH_SECONDS, "socket_connect_timeout": PUBLISH_SECONDS}
    # A connection that was open when the broker restarted is of no use any more.
    again = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return Redis.from_url(broker_url, retry=again, **timeouts)


def announce(predictions: Collection[uuid.UUID]) -> None:
    """Tell all processes that these results are stored and committed.

    After a failure, nothing is announced for `SILENT_SECONDS`: a broker that is frozen costs its timeout.
    """
    global _silent_until
    if not predictions or time.monotonic() < _silent_until:
        return
    try:
        _publisher(settings.REDIS_URL).publish(CHANNEL, " ".join(pk.hex for pk in predictions))
    except RedisError as error:
        _silent_until = time.monotonic() + SILENT_SECONDS
        # Whoever waits finds the result by itself, a little later.
        logger.warning("results are not announced, the broker does not answer: %s", error)
        metrics.failed("publish")


class Listener:
    """Hears the announcements in a thread of this process, which starts with the first request that waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._waiting: dict[str, list[threading.Event]] = defaultdict(list)
        self.is_listening = False

    @contextmanager
    def expect(self, prediction: uuid.UUID) -> Iterator[threading.Event]:
        """Yield an event that is set when the result is announced.

        What was stored before is not announced again, so look at the row after entering.
        """
        key, heard = prediction.hex, threading.Event()
        with self._lock:
            self._waiting[key].append(heard)
            self._start()
        try:
            yield heard
        finally:
            with self._lock:
                self._waiting[key].remove(heard)
                if not self._waiting[key]:
                    del self._waiting[key]

    def pause(self) -> float:
        """Return the seconds after which a request that waits looks at its row again."""
        return LOOK_SECONDS if self.is_listening else POLL_SECONDS

    def _start(self) -> None:
        if self._thread and self._thread.is_alive():
            return
        thread = threading.Thread(target=self._run, name="hear of results", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # The system has no room for it. Then rows are polled.
            logger.warning("results are polled for: %s", error)
        else:
            self._thread = thread

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except RedisError as error:
                if self.is_listening:
                    logger.warning("results are polled for, the broker does not answer: %s", error)
            except Exception:
                logger.exception("results are polled for")
            finally:
                self.is_listening = False
            time.sleep(RECONNECT_SECONDS)

    def _listen(self) -> None:
        """Raises `RedisError` when the broker goes away."""
        timeouts = {"socket_timeout": SILENCE_SECONDS, "socket_connect_timeout": SILENCE_SECONDS}
        broker: Any = Redis.from_url(settings.REDIS_URL, **timeouts)
        with closing(broker), broker.pubsub() as announced:
            announced.subscribe(CHANNEL)
            awaits_answer = False
            while True:
                message = announced.get_message(timeout=SILENCE_SECONDS)
                if message is None:
                    if awaits_answer:
                        raise RedisConnectionError("no answer")
                    announced.ping()
                    awaits_answer = True
                else:
                    awaits_answer = False
                    self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self.is_listening = True
        elif message["type"] == "message":
            with self._lock:
                for key in self._waiting.keys() & set(message["data"].decode("ascii", "replace").split()):
                    for heard in self._waiting[key]:
                        heard.set()


listener = Listener()
