"""Requests with a password wait in a queue of their own, and a full queue refuses them at once."""

import json
import select
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import User
from creditscore.http.bodies import has_password
from creditscore.http.server import MAX_QUEUED_PASSWORDS
from creditscore.run.web import PASSWORD_THREADS
from tests.support.people import PASSWORD
from tests.support.web import WebServer, statuses

# The hash of some password that takes minutes to check: its cost is 22.
SLOW_HASH = "bcrypt_sha256$$2b$22$" + 22 * "u" + 31 * "u"
REFUSAL_SECONDS = 60
LOG_IN = json.dumps({"username": "alice", "password": PASSWORD}).encode()


def post(path: bytes) -> bytes:
    return (
        b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(LOG_IN) + LOG_IN
    )


@pytest.fixture
def one_process(transactional_db: None, broker_url: str, tmp_path: Path) -> Iterator[WebServer]:
    server = WebServer(tmp_path / "web.log", GUNICORN_CMD_ARGS="--workers 1")
    yield server
    server.kill()


@pytest.mark.parametrize("path", [b"/api/v1/auth/token/", b"//api/v1/auth/token/"])
def test_right_log_ins_leave_pages_their_threads(one_process: WebServer, alice: User, path: bytes) -> None:
    # The network is known from now on, and its log-ins may wait.
    assert statuses(one_process.send(post(path))) == [200]
    User.objects.filter(pk=alice.pk).update(password=SLOW_HASH)
    with ExitStack() as stack:
        # One more than there is room for: its refusal says that the queue is full.
        clients = [
            stack.enter_context(one_process.connect())
            for _number in range(PASSWORD_THREADS + MAX_QUEUED_PASSWORDS + 1)
        ]
        for client in clients:
            client.sendall(post(path))
        assert select.select(clients, [], [], REFUSAL_SECONDS)[0]
        assert one_process.answers()
        program = one_process.send(post(path))
        page = one_process.send(post(b"/account/login/"))
    assert statuses(program) == statuses(page) == [503]
    assert b"\r\nRetry-After: 3\r\n" in program
    assert b"\r\nRetry-After: 3\r\n" in page
    assert b'"code": "busy"' in program
    assert b"The service is very busy" in page


@pytest.mark.parametrize(
    "address",
    [
        reverse("accounts:login"),
        reverse("accounts:register"),
        reverse("accounts:password"),
        reverse("accounts:reset-confirm", args=["MQ", "set-password"]),
        reverse("api:token"),
        reverse("api:register"),
        reverse("admin:login"),
        reverse("admin:accounts_user_add"),
        reverse("admin:auth_user_password_change", args=[1]),
    ],
)
def test_addresses_with_a_password(address: str) -> None:
    assert has_password("POST", address)
    assert has_password("POST", f"/{address}")
    assert not has_password("GET", address)


@pytest.mark.parametrize("name", ["accounts:logout", "accounts:reset", "api:refresh", "api:predictions"])
def test_other_addresses(name: str) -> None:
    assert not has_password("POST", reverse(name))
