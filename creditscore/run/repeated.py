"""A thread that does something again and again, beside the other work of its process."""

import logging
import threading
from collections.abc import Callable

from django.db import connections

from creditscore.http import database

logger = logging.getLogger(__name__)

STOP_SECONDS = 5


class Repeated:
    """Calls `act` every `seconds`, and again at once while it returns True; logs what it raises.

    Also when `woken` is set. Between the calls, the thread keeps no connection to the database.
    """

    def __init__(
        self, name: str, seconds: float, act: Callable[[], object], woken: threading.Event | None = None
    ) -> None:
        self._seconds, self._act = seconds, act
        self._woken = woken or threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let a call that runs end, for `STOP_SECONDS` at most; no other one begins."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(self._seconds)
            self._woken.clear()
            if self._stopping.is_set():
                return
            try:
                try:
                    while self._act() is True and not self._stopping.is_set():
                        pass
                finally:
                    connections.close_all()
            except Exception as error:
                # The next call tries again.
                if database.is_unavailable(error):
                    database.log_unavailable(error)
                else:
                    logger.exception("%s: failed and will be tried again", self._thread.name)
