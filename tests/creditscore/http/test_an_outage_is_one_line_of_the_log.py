"""While the database or the broker is away, everything fails at the same few places, again and again."""

import json
import logging
import sqlite3
import sys
import traceback

import psycopg2
import pytest
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as NotPublished
from redis.exceptions import ConnectionError as BrokerDown
from redis.exceptions import TimeoutError as BrokerFrozen

from creditscore.http.logs import JsonFormatter, OneLineFormatter
from predictions.tasks import housekeeping
from tests.support.outages import Outage
from tests.support.processes import StartWorker, wait_for

FORMATTERS = [OneLineFormatter, JsonFormatter]
REFUSED = "connection to server failed: Connection refused\n\tIs the server running?"


def locked() -> sqlite3.Error:
    """As SQLite raises it: with the number of the fault."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY  # as the library does
    return error


def answered(text: str, code: str) -> psycopg2.Error:
    """As PostgreSQL answers a statement: with a code."""
    error = psycopg2.OperationalError(text)
    error.__setstate__({"pgcode": code})  # only the driver can write it
    return error


OUTAGES: list[tuple[Exception, Exception | None]] = [
    (OperationalError(REFUSED), psycopg2.OperationalError(REFUSED)),
    (InterfaceError("connection already closed"), psycopg2.InterfaceError("connection already closed")),
    (OperationalError("terminating connection"), answered("terminating connection", "57P01")),
    (OperationalError("database is locked"), locked()),
    (BrokerDown(REFUSED), None),
    (BrokerFrozen("Timeout reading from socket"), None),
    (NotPublished(REFUSED), BrokerDown(REFUSED)),
]


def written(formatter: type[logging.Formatter], message: str, *arguments: object) -> str:
    record = logging.LogRecord("any", logging.ERROR, "", 0, message, arguments, sys.exc_info())
    text = formatter().format(record)
    if formatter is JsonFormatter:
        fields = json.loads(text)
        assert "exception" not in fields
        return str(fields["message"])
    return text


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(("error", "cause"), OUTAGES)
def test_it_says_what_failed_and_why(
    formatter: type[logging.Formatter], error: Exception, cause: Exception | None
) -> None:
    try:
        raise error from cause
    except type(error):
        text = written(formatter, "the sessions are not cleared")
    assert "\n" not in text
    assert text.endswith(
        f"the sessions are not cleared: {type(error).__name__}: {' '.join(str(error).split())}"
    )


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_the_clocks_line_about_a_message_has_no_places(formatter: type[logging.Formatter]) -> None:
    try:
        raise NotPublished("Connection refused")
    except NotPublished as error:
        text = written(formatter, "Message Error: %s\n%s", error, traceback.format_stack())
    assert text.endswith("Message Error: OperationalError: Connection refused")


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    ("text", "code"), [("deadlock detected", "40P01"), ("canceling statement due to timeout", "57014")]
)
def test_a_statement_that_failed_in_a_database_that_answers_has_its_places(
    formatter: type[logging.Formatter], text: str, code: str
) -> None:
    try:
        raise OperationalError(text) from answered(text, code)
    except OperationalError:
        record = logging.LogRecord("any", logging.ERROR, "", 0, "not stored", (), sys.exc_info())
    assert __name__.rpartition(".")[2] in formatter().format(record)


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    "error", [OperationalError("no such table: x"), KeyError("x"), BrokenPipeError("mail server")]
)
def test_another_fault_still_has_its_places(formatter: type[logging.Formatter], error: Exception) -> None:
    try:
        raise error from sqlite3.OperationalError("no such table: x")
    except type(error):
        record = logging.LogRecord("any", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    assert f"{__file__}:" in formatter().format(record)


def test_a_worker_writes_such_lines(outage: Outage, start_worker: StartWorker) -> None:
    worker = start_worker(DATABASE_URL=outage.url)
    outage.begin()
    housekeeping.delay()

    def lines() -> list[str]:
        """Below what Celery prints when it begins."""
        return worker.log.read_text().partition("[tasks]")[2].splitlines()

    wait_for(lambda: any("housekeeping" in line and "OperationalError" in line for line in lines()))
    assert not [line for line in lines() if ".py:" in line]
