"""One POST to an address of a customer, to a checked number, within a time in all. Follows no redirect."""

import contextlib
import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from accounts.webhooks import addresses
from accounts.webhooks.addresses import Target
from accounts.webhooks.models import WebhookDelivery

Error = WebhookDelivery.Error
LIMIT_SECONDS = 10.0
# An answer is its status. Its headers may have this size; a little of its body is read, and thrown away, so
# that the receiver can end in peace.
MAX_ANSWER = 64 * 1024
MAX_BODY, BODY_SECONDS = 4096, 1.0
USER_AGENT = "Creditscore-Webhooks/1"


@dataclass(frozen=True)
class Outcome:
    """What a try has met. `error` is empty if it has succeeded; `status` is that of the answer, if any."""

    error: str
    status: int | None
    seconds: float


class _Late(Exception):
    """The time is over."""


class _AnswerTooLarge(Exception):
    """The headers have no end."""


def post(url: str, body: str, headers: Mapping[str, str], *, limit: float = LIMIT_SECONDS) -> Outcome:
    """Send `body` and return what happened, within `limit` seconds whatever the receiver does."""
    began = time.monotonic()

    def ended(error: str, status: int | None = None) -> Outcome:
        return Outcome(error, status, time.monotonic() - began)

    try:
        status = _post(addresses.parse(url), body.encode(), headers, began + limit)
    except (addresses.InvalidUrl, addresses.HostNotAscii):
        return ended(Error.FORBIDDEN)
    except (addresses.AddressForbidden, addresses.Unresolved) as error:
        # One answer for both, and no time: they would tell which names a private network has.
        if settings.WEBHOOK_ALLOW_PRIVATE and isinstance(error, addresses.Unresolved):
            return ended(Error.UNRESOLVED)
        return Outcome(Error.FORBIDDEN, None, 0)
    except (_Late, TimeoutError):
        return ended(Error.TIMEOUT)
    except ssl.SSLCertVerificationError:
        return ended(Error.CERTIFICATE)
    except OSError:
        return ended(Error.CONNECTION)
    except (http.client.HTTPException, _AnswerTooLarge, ValueError):
        return ended(Error.ANSWER)
    if 200 <= status < 300:
        return ended("", status)
    return ended(Error.REDIRECT if 300 <= status < 400 else Error.STATUS, status)


def _post(target: Target, body: bytes, headers: Mapping[str, str], deadline: float) -> int:
    """Return the status of the answer."""
    numbers = addresses.resolve(target, deadline)
    with contextlib.closing(_connect(target, numbers, deadline)) as connected:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.response_class = _FinalAnswer
        stream = _Stream(connected, deadline)
        # The connection that was made to the checked number; http.client makes none of its own then.
        connection.sock = stream
        connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
        for name, value in _all_headers(target, body, headers).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        stream.deadline = min(deadline, time.monotonic() + BODY_SECONDS)
        with contextlib.suppress(OSError, http.client.HTTPException, _Late, _AnswerTooLarge):
            answer.read(MAX_BODY)
        return answer.status


def shown_headers(delivery: WebhookDelivery) -> dict[str, str]:
    """Return the headers of the last try for people; the signature is not stored."""
    at = delivery.attempted_at
    return {
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "webhook-id": str(delivery.event_id),
        **({"webhook-timestamp": str(int(at.timestamp()))} if at else {}),
    }


def _all_headers(target: Target, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    return {
        "Host": target.host_header,
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }


def _connect(target: Target, numbers: list[str], deadline: float) -> socket.socket:
    """Connect to the first of the checked numbers that answers. Raises `OSError`, `_Late`."""
    for tried, number in enumerate(numbers, 1):
        # Each has a fair part of the time that is left, and the last one all of it.
        share = _seconds_until(deadline) / (len(numbers) - tried + 1)
        try:
            plain = socket.create_connection((number, target.port), timeout=share)
        except OSError:
            if tried == len(numbers):
                raise
        else:
            # The body follows its headers at once.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _secured(plain, target, deadline) if target.https else plain
    raise OSError("no address")


def _secured(plain: socket.socket, target: Target, deadline: float) -> socket.socket:
    """Check the certificate for the name, whatever number was called."""
    try:
        # Python's handshake keeps this limit in all, however many reads it takes.
        plain.settimeout(_seconds_until(deadline))
        return _context().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@cache
def _context() -> ssl.SSLContext:
    """Return the system's certificates, or those of SSL_CERT_FILE."""
    return ssl.create_default_context()


def _seconds_until(deadline: float) -> float:
    """Raises `_Late` if there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise _Late
    return seconds


class _FinalAnswer(http.client.HTTPResponse):
    """The answer after those that only announce it, such as 103 Early Hints: the library skips 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # not in the stubs
            if found[1] >= 200:
                return found
            http.client.parse_headers(self.fp)


class _Stream(io.RawIOBase):
    """What http.client needs of a socket, with limits for the time of all reads and writes and for size."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket, self.deadline, self._read = connected, deadline, 0

    def sendall(self, data: Any) -> None:
        self._socket.settimeout(_seconds_until(self.deadline))
        self._socket.sendall(data)

    def makefile(self, *_arguments: object, **_more: object) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        """Nothing: http.client closes it while its answer is still read. The caller closes the socket."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_seconds_until(self.deadline))
        size = self._socket.recv_into(buffer)
        self._read += size
        if self._read > MAX_ANSWER:
            raise _AnswerTooLarge
        return size
