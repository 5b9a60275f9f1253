"""Who may send a long body: users alone, a few at a time, so that strangers hold no place and no disk.

Who it is, is asked in a thread when the headers are there. Until that is known, the body is not read.
"""

import logging
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.conf import settings

from creditscore.http.bodies import MAX_BYTES

logger = logging.getLogger(__name__)

# Bodies of more than MAX_BYTES that a process receives at the same time; and of these, from one user and from
# one address network.
MAX_UPLOADS, MAX_UPLOADS_OF_ONE = 8, 4
# While all places are taken, one that has sent less in each SLOW_CLIENT_SECONDS gives its place to another.
PRESSED_BYTES = 4 * MAX_BYTES


@dataclass(frozen=True)
class Uploader:
    """A user, and the address network of this connection."""

    user: uuid.UUID
    network: str


class Upload(Protocol):
    """A request whose long body is being received, since `began`, a monotonic time."""

    uploader: Uploader | None
    began: float
    body_bytes_received: int


OneUpload = TypeVar("OneUpload", bound=Upload)


class Inquiry:
    """A task for waitress's threads: finds out who sends a request, and calls `answer` with that."""

    def __init__(self, environ: Mapping[str, Any], answer: Callable[[Uploader | None], object]) -> None:
        self._environ, self._answer = environ, answer

    def service(self) -> None:
        # Imported here because the server is imported before Django is set up.
        from creditscore.http.uploaders import find_uploader

        found = None
        try:
            found = find_uploader(self._environ)
        except Exception:
            # The application answers, which meets the same fault.
            logger.exception("an upload is refused: its user cannot be found out")
        self._answer(found)

    def cancel(self) -> None:
        """The process ends."""


def room_for(uploader: Uploader, uploads: Collection[OneUpload], now: float) -> tuple[bool, OneUpload | None]:
    """Return whether another upload may begin, and the one that is to end for it, if any."""
    known = [one.uploader for one in uploads if one.uploader]
    of_user = sum(one.user == uploader.user for one in known)
    of_network = sum(one.network == uploader.network for one in known)
    if max(of_user, of_network) >= MAX_UPLOADS_OF_ONE:
        return False, None
    if len(uploads) < MAX_UPLOADS:
        return True, None
    slowest = min(uploads, key=lambda one: _speed(one, now))
    seconds = settings.SLOW_CLIENT_SECONDS
    is_slow = now - slowest.began > seconds and _speed(slowest, now) < PRESSED_BYTES / seconds
    return is_slow, slowest if is_slow else None


def _speed(upload: Upload, now: float) -> float:
    """Return bytes per second since it began."""
    return upload.body_bytes_received / max(now - upload.began, 0.001)
