"""A server on this machine to which Sentry's library sends its events."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import pytest

SECONDS = 120


class SentryServer(ThreadingHTTPServer):
    """`raw` is everything that was received, as text; `events` are the events in it."""

    daemon_threads = True

    def __init__(self) -> None:
        self.raw: list[str] = []
        super().__init__(("127.0.0.1", 0), _Receiver)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def dsn(self) -> str:
        return f"http://public@127.0.0.1:{self.server_port}/1"

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for text in self.raw for line in text.splitlines() if line]
        return [line for line in lines if "platform" in line]

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + SECONDS
        while len(self.events) < count:
            assert time.monotonic() < deadline, self.raw
            time.sleep(0.05)
        return self.events


class _Receiver(BaseHTTPRequestHandler):
    server: SentryServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.headers.get("Content-Encoding"):
            case "gzip":
                body = gzip.decompress(body)
            case "br":
                body = brotli.decompress(body)
        self.server.raw.append(body.decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def sentry_server() -> Iterator[SentryServer]:
    with SentryServer() as server:
        yield server
        server.shutdown()
