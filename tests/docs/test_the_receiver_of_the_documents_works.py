"""The receiver in docs/api/webhooks.md, as it stands there, in a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import client, endpoints, signing
from accounts.webhooks.events import TYPES
from accounts.webhooks.forms import OFFERED
from accounts.webhooks.sender import Sender
from tests.support.processes import free_port, wait_for

DOCUMENT = (Path(settings.BASE_DIR) / "docs/api/webhooks.md").read_text()
[PROGRAM] = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
SECRET = signing.secret_from(signing.new_seed())


@pytest.fixture
def program(tmp_path: Path, own_network: None) -> Iterator[tuple[str, IO[str]]]:
    """Its address, and what it prints."""
    file, port = tmp_path / "receiver.py", free_port()
    file.write_text(PROGRAM)
    own = {"WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, str(file)],
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    url = f"http://127.0.0.1:{port}/webhooks"
    wait_for(lambda: client.post(url, "{}", {}).status == 400)
    yield url, process.stdout
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_accepts_what_is_signed_once(
    alice: User, program: tuple[str, IO[str]], sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, printed = program
    monkeypatch.setattr(signing, "secret_from", lambda _seed: SECRET)
    endpoint, _secret = endpoints.create(alice, url=url, types=TYPES)
    delivery = endpoints.send_test(endpoint)
    for _try in range(2):
        sender.send_due()
        delivery.refresh_from_db()
        assert (delivery.status, delivery.response_status) == ("delivered", 204)
        endpoints.replay(delivery)
    other = endpoints.send_test(endpoint)
    sender.send_due()
    other.refresh_from_db()
    assert other.status == "delivered"
    assert [printed.readline() for _event in range(2)] == [f"ping {endpoint.pk}\n"] * 2


def test_it_refuses_what_is_not(program: tuple[str, IO[str]]) -> None:
    url, _printed = program
    body, now = '{"type":"ping","data":{"id":"1"}}', timezone.now()
    good = signing.headers("1", now, body, [SECRET])
    for headers in (
        {},
        {**good, "webhook-signature": "junk"},
        {**good, "webhook-signature": "v1,junk!"},
        {**good, "webhook-signature": ",,, v1"},
        {**good, "webhook-timestamp": "soon"},
        {**good, "webhook-id": "2"},
        signing.headers("1", now - timedelta(minutes=6), body, [SECRET]),
        signing.headers("1", now, body, [signing.secret_from(signing.new_seed())]),
    ):
        assert client.post(url, body, headers).status == 400
    assert client.post(url, body + " ", good).status == 400
    assert client.post(url, body, good).status == 204


def test_the_document_names_every_event() -> None:
    named = set(re.findall(r"^\| `([a-z.]+)` \|", DOCUMENT, flags=re.MULTILINE))
    assert named == set(TYPES) == {*OFFERED, "ping"}
