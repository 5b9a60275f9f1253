"""The counts of a role without pages, on a port of its own: a worker or a mailer in its own container."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from creditscore.http.metrics import CHALLENGE, CONTENT_TYPE, collected, is_authorized


class Handler(BaseHTTPRequestHandler):
    """Answers `GET /metrics` with the token, and nothing else."""

    timeout = 10
    server_version, sys_version = "", ""

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404)
        elif not is_authorized(self.headers.get("Authorization", "")):
            self._answer(401, {"WWW-Authenticate": CHALLENGE})
        else:
            self._answer(200, {"Content-Type": CONTENT_TYPE}, collected())

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Write nothing: Prometheus asks every few seconds."""


def serve(port: int) -> None:
    """Answer until the process ends. Raises `OSError` if the port cannot be used."""
    server = ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
