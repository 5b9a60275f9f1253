"""Slow clients hold connections, never threads, and not for long."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support.web import SLOW_CLIENT_SECONDS, WebServer, read_all, statuses

pytestmark = pytest.mark.django_db(transaction=True)
GET = b"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\n"
POST = (
    b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)
PROBES = 20
# Answers of more megabytes than the kernel buffers.
SCRIPT = b"/static/admin/js/vendor/xregexp/xregexp.js"
LONG_ANSWER = (b"GET " + SCRIPT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n") * 90


def slow_header(client: socket.socket) -> None:
    client.sendall(GET + b"X-Slow: ")
    drip(client)


def slow_body(client: socket.socket) -> None:
    client.sendall(POST + b"Content-Length: 1000\r\n\r\n")
    drip(client)


def slow_chunks(client: socket.socket) -> None:
    client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n")
    drip(client)


def slow_reader(client: socket.socket) -> None:
    client.sendall(LONG_ANSWER)
    while client.recv(1):
        time.sleep(0.5)


def idle_after_an_answer(client: socket.socket) -> None:
    client.sendall(GET + b"\r\n")
    read_all(client)


def silent(client: socket.socket) -> None:
    read_all(client)


def drip(client: socket.socket) -> None:
    for _second in range(60):
        client.sendall(b"a")
        time.sleep(0.5)


KINDS = [slow_header, slow_body, slow_chunks, slow_reader, idle_after_an_answer, silent]


@pytest.mark.parametrize("count", [32, 200])
def test_other_clients_are_answered(web: WebServer, count: int) -> None:
    ended = threading.Event()

    def misbehave(kind: Callable[[socket.socket], None]) -> None:
        while not ended.is_set():
            try:
                with web.connect(receive_buffer=4096) as client:
                    kind(client)
            except OSError:
                # The server has ended the connection; the next one follows.
                time.sleep(0.1)

    threads = [
        threading.Thread(target=misbehave, args=[KINDS[number % len(KINDS)]], daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    time.sleep(1)
    answered = 0
    for _probe in range(PROBES):
        answered += web.answers(seconds=3)
        time.sleep(0.2)
    ended.set()
    assert answered >= 0.95 * PROBES


@pytest.fixture
def small_web(django_db_setup: None, broker_url: str, tmp_path: Path) -> Iterator[WebServer]:
    """A web server of one process with 50 connections, which waits for clients longer than a test does."""
    server = WebServer(
        tmp_path / "web.log",
        SLOW_CLIENT_SECONDS="60",
        GUNICORN_CMD_ARGS="--workers 1 --worker-connections 50 --keep-alive 60",
    )
    yield server
    server.kill()


@pytest.mark.parametrize(
    "start",
    [
        b"",
        GET,
        POST + b"Content-Length: 1000\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n",
        GET + b"\r\n",
        b"GET " + SCRIPT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_idle_connections_make_room_for_others(small_web: WebServer, start: bytes) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(small_web.connect(receive_buffer=4096)) for _client in range(80)]
        for client in clients:
            # The server may have closed it already.
            with suppress(OSError):
                client.sendall(start)
        # Without room, the first of them would be disconnected after 10 s.
        assert small_web.answers(seconds=8)
        # Those that have waited longest went first.
        clients[-1].setblocking(False)
        with suppress(BlockingIOError):
            assert clients[-1].recv(1) == b"H"


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (GET + b"X-Slow: ", 408),
        (POST + b"Content-Length: 1000\r\n\r\n", 408),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n", 408),
    ],
)
def test_half_a_request_gets_408(web: WebServer, start: bytes, status: int) -> None:
    """Also if a byte arrives now and then."""
    with web.connect() as client:
        client.sendall(start)
        for _byte in range(int(SLOW_CLIENT_SECONDS) - 1):
            time.sleep(1)
            client.sendall(b"a")
        assert statuses(read_all(client)) == [status]


def test_a_client_that_sends_nothing_is_disconnected(web: WebServer) -> None:
    assert web.send(b"") == b""


def test_a_client_that_does_not_read_is_disconnected(web: WebServer) -> None:
    with web.connect(receive_buffer=4096) as client:
        client.sendall(LONG_ANSWER)
        time.sleep(2 * SLOW_CLIENT_SECONDS + 3)
        assert len(statuses(read_all(client))) < 20


def test_an_idle_connection_is_used_again_and_then_closed(web: WebServer) -> None:
    with web.connect() as client:
        for _request in range(2):
            client.sendall(GET + b"\r\n")
            time.sleep(1)
            assert statuses(client.recv(65536)) == [200]
        assert read_all(client) == b""
