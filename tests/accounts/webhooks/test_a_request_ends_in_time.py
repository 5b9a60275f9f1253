"""Whatever a receiver does, a try ends in time, follows nothing, and reads little of the answer."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

import pytest

from accounts.webhooks import client
from tests.support.receivers import CERTIFICATE, NewReceiver, Receiver

LIMIT = 0.3
Talk: TypeAlias = Callable[[socket.socket], object]
pytestmark = pytest.mark.usefixtures("own_network")


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """A server that does `talk` with whoever connects; yields its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connected, _address = listening.accept()
                with connected, suppress(OSError):
                    talk(connected)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def drip(*begin: bytes) -> Talk:
    """Send `begin`, and then a byte now and then, so that no read waits for long."""

    def talk(connected: socket.socket) -> None:
        connected.sendall(b"".join(begin))
        while True:
            connected.sendall(b"x")
            time.sleep(0.02)

    return talk


def say_nothing(connected: socket.socket) -> None:
    while connected.recv(65536):
        pass


def sent_to(talk: Talk, scheme: str = "http", limit: float = LIMIT) -> client.Outcome:
    with talking(talk) as port:
        return client.post(f"{scheme}://127.0.0.1:{port}/", "{}", {}, limit=limit)


@pytest.mark.parametrize(
    "talk",
    [
        say_nothing,
        drip(b"HTTP/1.1 "),
        drip(b"HTTP/1.1 200 OK\r\nX-Drip: "),
    ],
    ids=["silent", "drips its status", "drips its headers"],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_slow_one(talk: Talk, scheme: str) -> None:
    outcome = sent_to(talk, scheme)
    # A TLS client knows at once that this is no TLS.
    assert outcome.error in ("timeout", "connection" if scheme == "https" else "timeout")
    assert outcome.status is None


def test_one_that_drips_a_tls_handshake() -> None:
    """A valid header of a record of 16,000 bytes, which then come one by one."""
    outcome = sent_to(drip(b"\x16\x03\x03\x3e\x80\x02\x00\x3e\x7c"), "https")
    assert outcome.error == "timeout"


def test_one_that_drips_its_body_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BODY_SECONDS", 0.1)
    outcome = sent_to(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"), limit=20)
    assert (outcome.error, outcome.status) == ("", 200)


def test_one_whose_headers_are_too_large() -> None:
    """No line and not their number is too large for the library, but all of them together."""

    def talk(connected: socket.socket) -> None:
        connected.recv(65536)
        connected.sendall(b"HTTP/1.1 200 OK\r\n")
        connected.sendall(b"".join(b"X-More: " + b"x" * 8000 + b"\r\n" for _line in range(20)) + b"\r\n")

    assert sent_to(talk, limit=20).error == "malformed_answer"


def test_one_whose_headers_have_no_end() -> None:
    def talk(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connected.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")

    assert sent_to(talk, limit=20).error == "malformed_answer"


def test_a_large_body_is_not_read() -> None:
    read = threading.Event()

    def talk(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _megabyte in range(100):
                connected.sendall(b"x" * 1_000_000)
            read.set()
        except OSError:
            pass

    outcome = sent_to(talk, limit=20)
    assert (outcome.error, outcome.status) == ("", 200)
    assert not read.is_set()


@pytest.mark.parametrize("answer", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100])
def test_what_is_no_answer(answer: bytes) -> None:
    def talk(connected: socket.socket) -> None:
        connected.recv(65536)
        connected.sendall(answer)

    assert sent_to(talk, limit=20).error in ("malformed_answer", "connection")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert client.post(f"http://127.0.0.1:{port}/", "{}", {}).error == "connection"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, new_receiver: NewReceiver, status: int) -> None:
    other = new_receiver()
    receiver.statuses, receiver.headers = [status], {"Location": other.url}
    outcome = client.post(receiver.url, "{}", {})
    assert (outcome.error, outcome.status) == ("redirect", status)
    assert other.received == []


@pytest.mark.parametrize(
    ("status", "error"), [(200, ""), (202, ""), (299, ""), (400, "status"), (500, "status")]
)
def test_only_a_status_from_200_to_299_is_success(receiver: Receiver, status: int, error: str) -> None:
    receiver.statuses = [status]
    outcome = client.post(receiver.url, "{}", {"webhook-id": "1"})
    assert (outcome.error, outcome.status) == (error, status)
    [request] = receiver.received
    assert request.path == "/hooks?of=alice"
    assert request.headers["content-type"] == "application/json"


def say(*answers: bytes) -> Talk:
    def talk(connected: socket.socket) -> None:
        while not connected.recv(65536).endswith(b"{}"):
            pass
        for answer in answers:
            connected.sendall(answer)
            time.sleep(0.01)  # So that some come alone.

    return talk


HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"


@pytest.mark.parametrize(
    "before", [(HINTS,), (CONTINUE, HINTS, HINTS), (PROCESSING, CONTINUE), (b"HTTP/1.1 199 Other\r\n\r\n",)]
)
@pytest.mark.parametrize(("last", "error"), [(204, ""), (200, ""), (500, "status"), (302, "redirect")])
def test_only_the_final_status_counts(before: tuple[bytes, ...], last: int, error: str) -> None:
    final = b"HTTP/1.1 %d Last\r\nContent-Length: 0\r\n\r\n" % last
    for answers in ((*before, final), (b"".join(before) + final,)):
        outcome = sent_to(say(*answers), limit=60)
        assert (outcome.error, outcome.status) == (error, last)


def test_an_announcement_alone_is_no_answer() -> None:
    assert sent_to(say(HINTS), limit=60).error in ("malformed_answer", "connection")


def test_announcements_have_an_end() -> None:
    def talk(connected: socket.socket) -> None:
        while True:
            connected.sendall(HINTS)

    assert sent_to(talk, limit=60).error == "malformed_answer"


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service trusts whoever has signed the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    client._context.cache_clear()
    yield
    client._context.cache_clear()


def https_server() -> Talk:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def talk(connected: socket.socket) -> None:
        with context.wrap_socket(connected, server_side=True) as secured:
            while not secured.recv(65536).endswith(b"{}"):
                pass
            secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    return talk


def test_certificates_are_checked_for_the_name_although_a_number_is_called(trusted: None) -> None:
    with talking(https_server()) as port:
        assert client.post(f"https://localhost:{port}/", "{}", {}).status == 204
        other_name = client.post(f"https://127.0.0.1:{port}/", "{}", {})
    assert (other_name.error, other_name.status) == ("certificate", None)


def test_a_certificate_that_nobody_knows_is_refused() -> None:
    with talking(https_server()) as port:
        assert client.post(f"https://localhost:{port}/", "{}", {}).error == "certificate"
