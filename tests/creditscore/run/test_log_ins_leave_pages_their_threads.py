"""Requests with a password wait in a queue of their own, and a full queue refuses them at once."""

import json
import select
import time
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
from tests.support.web import WebServer, read_all, statuses

# The hash of some password that takes minutes to check: its cost is 22.
SLOW_HASH = "bcrypt_sha256$$2b$22$" + 22 * "u" + 31 * "u"
REFUSAL_SECONDS = 180
# Far less than such a check takes, far more than a refusal.
QUICK_SECONDS = 5
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


def refusal(server: WebServer, request: bytes, stack: ExitStack) -> bytes:
    """The first answer to `request` that does not wait; copies of it take whatever room is left before."""
    deadline = time.monotonic() + REFUSAL_SECONDS
    while time.monotonic() < deadline:
        client = stack.enter_context(server.connect())
        client.sendall(request)
        if select.select([client], [], [], QUICK_SECONDS)[0]:
            return read_all(client)
    raise TimeoutError("Every request found room.")


@pytest.mark.parametrize("path", [b"/api/v1/auth/token/", b"//api/v1/auth/token/"])
def test_right_log_ins_leave_pages_their_threads(one_process: WebServer, alice: User, path: bytes) -> None:
    # The network is known from now on, and its log-ins may wait.
    assert statuses(one_process.send(post(path))) == [200]
    User.objects.filter(pk=alice.pk).update(password=SLOW_HASH)
    with ExitStack() as stack:
        # Some of them are refused if they come before the threads have taken the first ones.
        for _number in range(PASSWORD_THREADS + MAX_QUEUED_PASSWORDS):
            stack.enter_context(one_process.connect()).sendall(post(path))
        program = refusal(one_process, post(path), stack)
        assert one_process.answers()
        page = refusal(one_process, post(b"/account/login/"), stack)
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
        reverse("accounts:email"),
        reverse("accounts:second-factor"),
        reverse("accounts:second-factor-setup"),
        reverse("accounts:second-factor-codes"),
        reverse("accounts:second-factor-off"),
        reverse("predictions:account-export"),
        reverse("predictions:account-delete"),
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
