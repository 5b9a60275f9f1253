"""A database that is away: which errors say so, and how long a web process waits for it."""

import logging
import select
import sqlite3
import time
from typing import Any

import psycopg2
from django.db import InterfaceError, OperationalError
from django.db.backends.signals import connection_created
from psycopg2 import extensions

from accounts.errors import RetryLater

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5
LOG_SECONDS = 30
# The server ends what takes longer. If it cannot, because it is frozen or cut off, the client stops waiting.
LOCK_SECONDS, STATEMENT_SECONDS, CONNECT_SECONDS, ANSWER_SECONDS = 5, 15, 5, 20
# SQLite has one kind of exception for a file that is locked and for a statement that is wrong.
SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# PostgreSQL's class of errors for statements that are too long or too complex.
PROGRAM_LIMIT_EXCEEDED = "54"
# Its classes of errors for connections, and for a server that stops.
CONNECTION_ENDS = ("08", "57P")
_logged = float("-inf")


class DatabaseUnavailable(RetryLater):
    """The database does not answer, or what is needed in it is locked."""

    status = 503
    code = "database_unavailable"

    def __init__(self) -> None:
        super().__init__(RETRY_SECONDS)


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether the database is away or locked; False for a wrong statement and for other errors."""
    cause = error.__cause__ if isinstance(error, OperationalError | InterfaceError) else None
    if isinstance(cause, sqlite3.Error):
        # The lowest byte of an extended code is the kind of error.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_AWAY
    return isinstance(cause, psycopg2.Error) and (cause.pgcode or "")[:2] != PROGRAM_LIMIT_EXCEEDED


def is_away(error: BaseException | None) -> bool:
    """Return whether the database cannot be reached; False for a lock or a slow statement."""
    cause = error.__cause__ if isinstance(error, OperationalError | InterfaceError) else None
    if isinstance(cause, psycopg2.Error):
        return not cause.pgcode or cause.pgcode.startswith(CONNECTION_ENDS)
    return is_unavailable(error)


def log_unavailable(error: BaseException | None) -> None:
    """Log one line, at most once in `LOG_SECONDS`: every request fails in the same way."""
    global _logged
    if time.monotonic() - _logged > LOG_SECONDS:
        _logged = time.monotonic()
        logger.error("the database is unavailable: %s", " ".join(str(error).split()))


def limit_waiting() -> None:
    """Bound how long this process waits for PostgreSQL, so that a frozen database does not hold its threads.

    For the web role only: migrations and proofs of the books may take longer. SQLite waits for locks only,
    for the `timeout` in its settings.
    """
    extensions.set_wait_callback(_wait)
    connection_created.connect(_set_limits)


def _set_limits(connection: Any, **_arguments: object) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)",
                [f"{LOCK_SECONDS}s", f"{STATEMENT_SECONDS}s"],
            )


def _wait(connection: Any) -> None:
    """Wait for an answer. Raises `psycopg2.OperationalError`, after which psycopg2 closes the connection."""
    connecting = connection.status == extensions.STATUS_SETUP
    deadline = time.monotonic() + (CONNECT_SECONDS if connecting else ANSWER_SECONDS)
    while (state := connection.poll()) != extensions.POLL_OK:
        # Not `select`, which knows 1,024 file descriptors: a web process may have more.
        waiting = select.poll()
        waiting.register(connection, select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not waiting.poll(max(0, deadline - time.monotonic()) * 1000):
            raise psycopg2.OperationalError("the database does not answer")
