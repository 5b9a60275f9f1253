"""What bodies of requests are accepted: one limit of their size, for all addresses and types of content.

Bodies with a password are a kind of their own: they wait for the hashes of others, see `has_password`.
"""

import re

from django.http import HttpRequest

from accounts.errors import CustomerError
from accounts.hashers import ServiceBusy
from predictions.batches.store import StorageFull

MAX_BYTES = 1_000_000
# A file of 200 MB, and the form around it.
MAX_UPLOAD_BYTES = 200_100_000
# A file of outcomes of 20 MB, and the form around it.
MAX_OUTCOME_BYTES = 20_100_000
OUTCOME_PATHS = re.compile(r"(/api/v1)?/outcomes/|/api/v1/batches/[^/]+/outcomes/|/files/[^/]+/outcomes/")
# A file of loans with outcomes of 20 MB, and the form around it.
MAX_TRAINING_BYTES = 20_100_000
TRAINING_PATH = "/admin/predictions/trainingrun/add/"
UPLOAD_PATHS = frozenset({"/api/v1/batches/", "/files/new/"})
PASSWORD_PATHS = re.compile(
    r"/account/(login|register|password|email|data|delete)/|/account/two-factor/([^/]+/)?"
    r"|/account/reset/[^/]+/[^/]+/"
    r"|/api/v1/auth/(token|register)/"
    r"|/admin/login/|/admin/accounts/user/(add|[^/]+/password)/"
)
# In the WSGI environment: too many requests with a password wait already, or too many uploads are sent.
QUEUE_FULL = "creditscore.queue_full"
# The disk took no more of the body.
DISK_FULL = "creditscore.disk_full"
# Nobody has logged in who sends a long body, which was therefore not received.
STRANGER = "creditscore.stranger"


class BodyTooLarge(CustomerError):
    """The request body is longer than `max_bytes` of its path."""

    status = 413
    code = "too_large"


class BodyEncoded(CustomerError):
    """The request body is compressed, which nothing here decodes."""

    status = 415
    code = "unsupported_media_type"


def max_bytes(path: str) -> int:
    """Return the largest body in bytes that `path` accepts."""
    # The web server passes on a path with one slash at its beginning.
    path = "/" + path.lstrip("/")
    if path in UPLOAD_PATHS:
        return MAX_UPLOAD_BYTES
    if path == TRAINING_PATH:
        return MAX_TRAINING_BYTES
    return MAX_OUTCOME_BYTES if OUTCOME_PATHS.fullmatch(path) else MAX_BYTES


def has_password(method: str, path: str) -> bool:
    """Return whether the answer may take the hash of a password."""
    # The web server passes on a path with one slash at its beginning.
    return method == "POST" and PASSWORD_PATHS.fullmatch("/" + path.lstrip("/")) is not None


def check_body(request: HttpRequest) -> None:
    """Raises `BodyTooLarge`, `BodyEncoded`, `ServiceBusy` or `StorageFull`, without reading the body."""
    if QUEUE_FULL in request.META:
        raise ServiceBusy
    if DISK_FULL in request.META:
        raise StorageFull
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0  # Django reads no body then.
    if length > max_bytes(request.path):
        raise BodyTooLarge
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise BodyEncoded
