"""Mail servers: one refuses every recipient, and says so by repeating the address; one is never ready."""

import contextlib
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest


class _Refusing(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.wfile.write(b"550 nobody here is " + line[8:].strip() + b"\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class _NeverReady(socketserver.StreamRequestHandler):
    """Greets without an end, so that no time limit of the client is reached."""

    asked: threading.Event

    def handle(self) -> None:
        self.asked.set()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"220-please wait\r\n")
                time.sleep(0.5)


class SlowMailServer(NamedTuple):
    """`url` is its address, as `EMAIL_URL` names it; `asked` is set when a mail is being sent."""

    url: str
    asked: threading.Event


@pytest.fixture
def refusing_mail_server() -> Iterator[str]:
    """Its address, as `EMAIL_URL` names it."""
    with _serving(_Refusing) as address:
        yield address


@pytest.fixture
def slow_mail_server() -> Iterator[SlowMailServer]:
    _NeverReady.asked = threading.Event()
    with _serving(_NeverReady) as address:
        yield SlowMailServer(address, _NeverReady.asked)


@contextlib.contextmanager
def _serving(handler: type[socketserver.StreamRequestHandler]) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
