"""Text from a request stays in its own line of the log, in text and in JSON."""

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from creditscore.http.logs import JsonFormatter, OneLineFormatter
from tests.support.web import WebServer

pytestmark = pytest.mark.django_db(transaction=True)
FORGED = "2026-01-01 00:00:00,000 INFO accounts: operator logged in"


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    details = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("django.request", logging.WARNING, "", 0, message, None, details)


@pytest.fixture(scope="module")
def json_web(
    django_db_setup: None, broker_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    server = WebServer(tmp_path_factory.mktemp("web") / "web.log", LOG_FORMAT="json", WEB_CONCURRENCY="1")
    yield server
    server.stop()


@pytest.mark.parametrize("formatter", [OneLineFormatter, JsonFormatter])
@pytest.mark.parametrize(
    "end", ["\n", "\r", "\r\n", "\v", "\f", "\x1b[2K", "\x7f", "\x85", "\u2028", "\ud800", '"}\n{"', "\0"]
)
def test_a_message_is_one_line(end: str, formatter: type[logging.Formatter]) -> None:
    line = formatter().format(record(f"Not Found: /{end}{FORGED}"))
    assert line.isprintable()
    assert FORGED in line
    assert len(line.splitlines()) == 1
    if formatter is JsonFormatter:
        assert json.loads(line)["message"] == f"Not Found: /{end}{FORGED}"


def test_a_traceback_is_indented() -> None:
    try:
        raise ValueError(f"bad\n{FORGED}")
    except ValueError as error:
        assert sys.exc_info()
        lines = OneLineFormatter().format(record("Internal Server Error", error)).splitlines()
    assert len(lines) > 2
    assert all(line.startswith("  ") for line in lines[1:])


@pytest.mark.parametrize("path", [b"/", b"/api/v1/me/"])
def test_a_foreign_host_is_one_short_line(web: WebServer, path: bytes) -> None:
    before = len(web.printed.splitlines())
    answer = web.send(b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    lines = web.printed.splitlines()[before:]
    assert len(lines) == 1, lines
    assert "evil.example" in lines[0]


def test_a_path_with_a_line_break_adds_one_line(web: WebServer) -> None:
    before = len(web.printed.splitlines())
    web.send(
        b"POST /account/login/%0A" + FORGED.replace(" ", "%20").encode() + b" HTTP/1.1\r\n"
        b"Host: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    assert not [line for line in web.printed.splitlines()[before:] if line.startswith(FORGED)]


def test_every_line_of_the_web_role_is_json(json_web: WebServer) -> None:
    """Django's, gunicorn's and our own, also about a process that dies."""
    json_web.send(b"GET /%0A HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    json_web.send(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    master = json_web.process.pid
    [child] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    deadline = time.monotonic() + 120
    while "SIGKILL" not in json_web.printed or not json_web.answers():
        assert time.monotonic() < deadline, json_web.printed
        time.sleep(0.05)
    lines = [json.loads(line) for line in json_web.printed.splitlines()]
    assert {line["role"] for line in lines} == {"web"}
    loggers = {line["logger"] for line in lines}
    assert {"creditscore.http.observed", "django.security.DisallowedHost", "gunicorn.error"} <= loggers
