"""The real web server, as `make run` starts it, on the test database; and requests by hand."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.database import database_url
from tests.support.processes import free_port

READY_SECONDS = 180
STOP_SECONDS = 120
SLOW_CLIENT_SECONDS = 3


class WebServer:
    """gunicorn with the configuration of the service; what it printed is in `log`."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log, self.port = log, free_port()
        own = {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "PORT": str(self.port),
            "SLOW_CLIENT_SECONDS": str(SLOW_CLIENT_SECONDS),
            "DJANGO_SETTINGS_MODULE": "creditscore.settings",
        }
        command = [sys.executable, "-m", "gunicorn", "creditscore.wsgi"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=os.environ | own | environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self.answers():
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def answers(self, seconds: float = 3) -> bool:
        """Whether a new client gets a page within `seconds`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", "/account/login/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(20)
        client.connect(("127.0.0.1", self.port))
        return client

    def send(self, request: bytes) -> bytes:
        """Send bytes, and return everything that the server sends until it closes the connection."""
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End the server and its processes, which would finish their requests otherwise."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


def read_all(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def statuses(answer: bytes) -> list[int]:
    """The status of each response in `answer`."""
    return [int(found) for found in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", answer, re.MULTILINE)]


@pytest.fixture(scope="module")
def web(
    django_db_setup: None, broker_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """One web server for all tests of a module, which must all leave it running."""
    server = WebServer(tmp_path_factory.mktemp("web") / "web.log")
    yield server
    server.kill()
    print(server.printed)
