"""Long bodies: only where files are uploaded, a few at a time, and on the disk."""

import errno
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer

from accounts import tokens
from accounts.models import User
from creditscore.http.bodies import DISK_FULL, MAX_BYTES
from creditscore.http.incoming import Request
from creditscore.http.server import MAX_UPLOADS
from predictions.models import Batch
from tests.support.batches import table
from tests.support.scored_files import some_rows
from tests.support.web import WebServer, read_all, statuses

UPLOADS = "/api/v1/batches/"


def head(path: str, length: int, token: str = "", content_type: str = "text/plain") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {length}",
        f"Content-Type: {content_type}",
        *([f"Authorization: Bearer {token}"] if token else []),
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def form(content: bytes) -> tuple[bytes, str]:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nlogistic-regression\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + content + b"\r\n",
        b"--x--\r\n",
    ]
    return b"".join(parts), "multipart/form-data; boundary=x"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("catalog")
def test_a_long_file_is_taken(web: WebServer, alice: User) -> None:
    body, kind = form(table(some_rows(200) * 100))
    assert len(body) > MAX_BYTES
    answer = web.send(head(UPLOADS, len(body), tokens.issue(alice).access, kind) + body)
    assert statuses(answer) == [201], answer[:2000]
    assert Batch.objects.get().size > MAX_BYTES


def test_a_long_body_is_taken_nowhere_else(web: WebServer) -> None:
    answer = web.send(head("/api/v1/predictions/", MAX_BYTES + 1) + b"x" * 1000)
    assert statuses(answer) == [413]
    assert statuses(web.send(head(UPLOADS, 300_000_000) + b"x")) == [413]


def test_nobody_uploads_without_a_token(web: WebServer) -> None:
    body, kind = form(b"x" * MAX_BYTES)
    assert statuses(web.send(head(UPLOADS, len(body), content_type=kind) + body)) == [401]


@pytest.fixture
def uploading(web: WebServer) -> Iterator[Callable[[], socket.socket]]:
    """`uploading()`: a client that has begun to send a long file."""
    clients: list[socket.socket] = []

    def begin() -> socket.socket:
        client = web.connect()
        clients.append(client)
        client.sendall(head(UPLOADS, 2 * MAX_BYTES) + b"x" * 1000)
        return client

    yield begin
    for client in clients:
        client.close()


def test_a_process_receives_a_few_at_a_time(uploading: Callable[[], socket.socket], web: WebServer) -> None:
    # Two processes take them as they come. Those that are taken are refused later, because they send nothing.
    clients = [uploading() for _number in range(2 * MAX_UPLOADS + 4)]
    answers = [read_all(client) for client in clients]
    assert {*map(str, map(statuses, answers))} == {"[408]", "[503]"}
    refused = next(answer for answer in answers if statuses(answer) == [503])
    assert b"Retry-After" in refused
    assert sum(statuses(answer) == [408] for answer in answers) <= 2 * MAX_UPLOADS
    assert web.answers()


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    request = Request(Adjustments())
    monkeypatch.setattr(OverflowableBuffer, "append", full)
    message = head(UPLOADS, 2 * MAX_BYTES)
    request.received(message)
    assert request.received(b"x" * 1000) == 1000
    assert (request.completed, request.disk_full) == (True, True)
    answer = client.post(UPLOADS, **{DISK_FULL: True})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (507, "insufficient_storage")
    page = client.post("/files/new/", **{DISK_FULL: True})  # type: ignore[arg-type]
    assert page.status_code == 507
