"""A web process whose database goes away answers 503 until it is back, and loses nothing."""

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import extensions

from accounts import tokens
from accounts.models import User
from billing.models import Wallet
from creditscore.http import database
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.outages import Outage
from tests.support.people import give_money
from tests.support.web import STOP_SECONDS, WebServer, statuses

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(outage: Outage, catalog: None, tmp_path: Path) -> Iterator[WebServer]:
    web = WebServer(tmp_path / "web.log", DATABASE_URL=outage.url, WEB_CONCURRENCY="1", WEB_THREADS="2")
    yield web
    web.process.kill()
    web.process.wait(STOP_SECONDS)
    print(web.printed)


class Program:
    """Orders predictions."""

    def __init__(self, web: WebServer, user: User, applicant: Applicant) -> None:
        self._port = web.port
        self._headers = {
            "Authorization": f"Bearer {tokens.issue(user).access}",
            "Content-Type": "application/json",
        }
        self._body = json.dumps({"model": "logistic-regression", "applicant": applicant})

    def order(self, key: str) -> http.client.HTTPResponse:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            headers = self._headers | {"Idempotency-Key": key}
            connection.request("POST", "/api/v1/predictions/", self._body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer


def test_it_sells_again_when_the_database_is_back(
    web: WebServer, outage: Outage, alice: User, applicant: Applicant
) -> None:
    give_money(alice, 100_00)
    program = Program(web, alice, applicant)
    assert program.order("before").status == 202

    outage.begin()
    for number in range(6):
        answer = program.order(f"during {number}")
        assert (answer.status, answer.getheader("Retry-After")) == (503, "5")
    outage.end()

    # Each thread had a connection, and all of them are cut.
    for number in range(6):
        assert program.order(f"during {number}").status == 202
    assert program.order("before").status == 202
    assert Prediction.objects.count() == 7
    assert Wallet.objects.get(user=alice).balance == 30_00
    assert web.printed.count("the database is unavailable") == 1
    assert "Traceback" not in web.printed


class SilentServer:
    """Speaks PostgreSQL's protocol until somebody is logged in, or not at all; then it is silent."""

    def __init__(self, logs_in: bool) -> None:
        self._logs_in = logs_in
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._clients: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _address = self._listener.accept()
            self._clients.append(client)
            if self._logs_in:
                (length,) = struct.unpack("!i", client.recv(4, socket.MSG_WAITALL))
                client.recv(length - 4, socket.MSG_WAITALL)
                settings = {"client_encoding": "UTF8", "DateStyle": "ISO", "server_version": "15.0"}
                parameters = [f"{name}\0{value}\0".encode() for name, value in settings.items()]
                messages = [(b"R", bytes(4)), *((b"S", each) for each in parameters), (b"Z", b"I")]
                client.sendall(
                    b"".join(kind + struct.pack("!i", 4 + len(text)) + text for kind, text in messages)
                )


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Waiting as in the web role, for shorter."""
    monkeypatch.setattr(database, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(database, "ANSWER_SECONDS", 0.5)
    before = extensions.get_wait_callback()
    extensions.set_wait_callback(database._wait)
    yield
    extensions.set_wait_callback(before)


@pytest.mark.parametrize("logs_in", [False, True])
def test_a_frozen_postgresql_is_not_waited_for_without_end(limited: None, logs_in: bool) -> None:
    server = SilentServer(logs_in)
    address = f"host=127.0.0.1 port={server.port} user=x dbname=x sslmode=disable"
    began = time.monotonic()
    if not logs_in:
        with pytest.raises(psycopg2.OperationalError, match="does not answer"):
            psycopg2.connect(address)
    else:
        connection = psycopg2.connect(address)
        with pytest.raises(psycopg2.OperationalError, match="does not answer"):
            connection.cursor().execute("SELECT 1")
        assert connection.closed
    assert time.monotonic() - began < 20


def test_a_frozen_postgresql_does_not_hold_the_threads(tmp_path: Path) -> None:
    address = f"postgres://x:x@127.0.0.1:{SilentServer(logs_in=False).port}/x"
    web = WebServer(tmp_path / "web.log", DATABASE_URL=address, WEB_CONCURRENCY="1", WEB_THREADS="1")
    try:
        for _ in range(2):
            assert statuses(web.send(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")) == [503]
        assert "the database does not answer" in web.printed
    finally:
        web.process.kill()
        web.process.wait(STOP_SECONDS)
