"""A server between a client and the service, which breaks as networks and proxies do."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[[BaseHTTPRequestHandler, Callable[[], None]], None]


def lose_the_answer(handler: BaseHTTPRequestHandler, forward: Callable[[], None]) -> None:
    """The service does the work, and the connection breaks before its answer arrives."""
    forward()
    handler.close_connection = True
    handler.connection.close()


def lose_the_request(handler: BaseHTTPRequestHandler, forward: Callable[[], None]) -> None:
    handler.close_connection = True
    handler.connection.close()


def answer(status: int, body: bytes = b"", **headers: str) -> Fault:
    """The proxy answers itself; the service gets nothing."""

    def fault(handler: BaseHTTPRequestHandler, forward: Callable[[], None]) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return fault


class FaultyProxy:
    """Forwards to `target`; each of `faults` is the fate of one request, in their order."""

    def __init__(self, target: str) -> None:
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = dict(self.headers.items())
                proxy.seen.append((self.command, self.path, headers))
                sent = urllib.request.Request(target + self.path, body or None, headers, method=self.command)
                kept: list[Any] = []

                def forward() -> None:
                    try:
                        kept.append(urllib.request.urlopen(sent))
                    except urllib.error.HTTPError as error:
                        kept.append(error)

                if proxy.faults:
                    proxy.faults.pop(0)(self, forward)
                    for response in kept:
                        response.close()
                    return
                forward()
                with kept[0] as response:
                    content = response.read()
                    self.send_response(response.status)
                    for name, value in response.headers.items():
                        if name.lower() not in ("connection", "content-length", "server", "date"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

            def log_message(self, *_arguments: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
