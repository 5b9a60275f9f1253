"""How passwords are hashed: in one form of Unicode, and two at a time in a process.

A hash takes a quarter of a second of a core on purpose. Without a limit, a flood of log-ins would take all
cores and all threads of a web process, and no page would be answered.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_str

from accounts.errors import RetryLater
from accounts.passwords import normalized

# Hashes at a time in a process.
SLOTS = 2
# Threads that wait in a process, and how long. The web server has four threads for requests with a password
# and queues the others; these bounds hold for other callers. Twenty machines of a customer may log in at
# once, which takes two cores 3 s, and longer on a busy machine.
MAX_WAITING = 20
MAX_WAITING_STRANGERS = 4
MAX_WAIT_SECONDS = 20.0
MAX_WAIT_SECONDS_STRANGERS = 5.0
RETRY_SECONDS = 3


class ServiceBusy(RetryLater):
    """Too many passwords are being checked. Nothing was hashed or counted."""

    status = 503
    code = "busy"

    def __init__(self) -> None:
        super().__init__(RETRY_SECONDS)


def patience(*, stranger: bool) -> float:
    """Return how many seconds a thread may wait."""
    return MAX_WAIT_SECONDS_STRANGERS if stranger else MAX_WAIT_SECONDS


class HashingQueue:
    """Lets `SLOTS` threads hash at a time, strangers one less; a limited number wait for a limited time."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(SLOTS)
        # Threads are not served in turn, so a flood of strangers could take every slot that gets free.
        self._of_strangers = threading.BoundedSemaphore(SLOTS - 1)
        self._lock = threading.Lock()
        self._waiting = 0
        self._thread = threading.local()

    @contextmanager
    def slot(self, *, stranger: bool = False) -> Iterator[None]:
        """Hold a slot; a thread that has one keeps it. Raises `ServiceBusy`."""
        if getattr(self._thread, "has_slot", False):
            yield
            return
        with ExitStack() as held:
            for slots in (self._of_strangers, self._slots) if stranger else (self._slots,):
                if not slots.acquire(blocking=False):
                    with self.waiting(stranger=stranger):
                        if not slots.acquire(timeout=patience(stranger=stranger)):
                            raise ServiceBusy
                held.callback(slots.release)
            self._thread.has_slot = True
            try:
                yield
            finally:
                self._thread.has_slot = False

    @contextmanager
    def waiting(self, *, stranger: bool) -> Iterator[None]:
        """Count this thread as waiting. Raises `ServiceBusy` if too many wait already."""
        with self._lock:
            if self._waiting >= (MAX_WAITING_STRANGERS if stranger else MAX_WAITING):
                raise ServiceBusy
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1


queue = HashingQueue()


class PasswordHasher(BCryptSHA256PasswordHasher):
    """Django's hasher, for normalized passwords. Stored hashes have the same format."""

    def encode(self, password: str, salt: str | bytes) -> str:
        """Return the hash of the normalized password. Raises `ServiceBusy`."""
        return self._hash(normalized(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Also accept the password as typed, because it was hashed so before. Raises `ServiceBusy`."""
        if super().verify(password, encoded):
            return True
        if password == normalized(password):
            return False
        salt = encoded.removeprefix(f"{self.algorithm}$").encode("ascii")
        return constant_time_compare(encoded, self._hash(password, salt))

    def hash_nothing(self, password: str) -> None:
        """Take as long as `verify` does for a wrong password. Raises `ServiceBusy`."""
        self.verify(password, f"{self.algorithm}${force_str(self.salt())}{'.' * 31}")

    def _hash(self, password: str, salt: str | bytes) -> str:
        with queue.slot():
            return super().encode(password, salt)  # type: ignore[arg-type]  # bcrypt's salt is bytes
