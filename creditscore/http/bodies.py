"""What bodies of requests are accepted: one limit of their size, for all addresses and types of content."""

from django.http import HttpRequest

from accounts.errors import CustomerError

MAX_BYTES = 1_000_000


class BodyTooLarge(CustomerError):
    """The request body is longer than `max_bytes` of its path."""

    status = 413
    code = "too_large"


class BodyEncoded(CustomerError):
    """The request body is compressed, which nothing here decodes."""

    status = 415
    code = "unsupported_media_type"


def max_bytes(path: str) -> int:
    """Return the largest body in bytes that `path` accepts. An address for long files has its limit here."""
    return MAX_BYTES


def check_body(request: HttpRequest) -> None:
    """Raises `BodyTooLarge` or `BodyEncoded`, without reading the body."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0  # Django reads no body then.
    if length > max_bytes(request.path):
        raise BodyTooLarge
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise BodyEncoded
