"""A web server that is told to stop answers what it has accepted, and then exits with 0."""

import time
from pathlib import Path

import pytest

from tests.support.web import WebServer, read_all, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_that_is_being_sent_is_answered(broker_url: str, tmp_path: Path) -> None:
    server = WebServer(tmp_path / "web.log")
    with server.connect() as client, server.connect() as idle:
        client.sendall(
            b"POST /api/v1/auth/token/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 43\r\n\r\n{"
        )
        assert server.answers()
        server.process.terminate()
        time.sleep(0.5)
        client.sendall(b'"username": "nobody", "password": "wrong"}')
        answer = read_all(client)
        assert read_all(idle) == b""
    assert statuses(answer) == [401], answer
    assert b"\r\nConnection: close\r\n" in answer
    assert server.process.wait(20) == 0, server.printed
