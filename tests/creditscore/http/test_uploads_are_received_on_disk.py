"""Long bodies: only where files are uploaded, a few at a time, and on the disk."""

import errno
from typing import Any

import pytest
from django.test import Client
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer

from accounts import tokens
from accounts.models import User
from creditscore.http.bodies import DISK_FULL, MAX_BYTES
from creditscore.http.incoming import Request
from predictions.models import Batch
from tests.support.batches import table
from tests.support.scored_files import some_rows
from tests.support.uploads import UPLOADS, form, head
from tests.support.web import WebServer, statuses


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
