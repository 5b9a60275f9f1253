"""Text from a request stays in its own line of the log."""

import logging
import sys

import pytest

from creditscore.http.logs import OneLineFormatter
from tests.support.web import WebServer

pytestmark = pytest.mark.django_db(transaction=True)
FORGED = "2026-01-01 00:00:00,000 INFO accounts: operator logged in"


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    details = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("django.request", logging.WARNING, "", 0, message, None, details)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\v", "\f", "\x1b[2K", "\x85", "\u2028", "\0"])
def test_a_message_is_one_line(end: str) -> None:
    line = OneLineFormatter().format(record(f"Not Found: /{end}{FORGED}"))
    assert line.isprintable()
    assert FORGED in line
    assert len(line.splitlines()) == 1


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
