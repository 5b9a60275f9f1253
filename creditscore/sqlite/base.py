"""Writing to SQLite in the order in which it was asked for.

Its own way to wait for the lock of the file is to sleep in growing steps, up to 100 ms, and whoever asks in
between goes first: one request in a hundred waited for half a second with eight clients. Here the threads
of a process queue up, and only the first of them tries for the file, every few milliseconds.
"""

import re
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

# Transactions are tried again soon, because somebody waits for an answer. Most other statements are those of
# workers, which take more orders at once if they come to turn less often.
TRANSACTION_SECONDS, STATEMENT_SECONDS = 0.001, 0.025
Done = TypeVar("Done")


class FairLock:
    """A lock that goes to whoever has waited longest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, seconds: float) -> bool:
        """Return False if others still have the lock after `seconds`."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
            return True  # It was handed over at the last moment.

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


# One for the process, because it has one database.
_turns = FairLock()
WRITES = re.compile(r"\s*(INSERT|REPLACE|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


class Cursor(base.SQLiteCursorWrapper):
    """Sends what takes the lock of the file in turn."""

    database: "DatabaseWrapper"

    def execute(self, query: str, params: Any = None) -> Any:
        send = partial(super().execute, query, params)
        if query.startswith("BEGIN IMMEDIATE"):
            # The turn ends with the transaction.
            return self.database.in_turn(send, TRANSACTION_SECONDS)
        if self.database.in_atomic_block or not WRITES.match(query):
            return send()
        try:
            return self.database.in_turn(send, STATEMENT_SECONDS)
        finally:
            self.database.end_turn()


# The stubs lack the private methods, which are where a transaction really ends.
class DatabaseWrapper(base.DatabaseWrapper):
    _has_turn = False

    def create_cursor(self, name: object = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.database = self
        return cursor

    def in_turn(self, take_lock: Callable[[], Done], pause: float) -> Done:
        """Do what takes the lock of the file, again after each `pause`; the turn stays with this connection.

        Raises `sqlite3.OperationalError` if another process still has it after the `timeout`.
        """
        self.end_turn()
        patience = float(self.settings_dict["OPTIONS"]["timeout"])
        deadline = time.monotonic() + patience
        self._has_turn = _turns.acquire(patience)
        try:
            self._set_busy_timeout(0)
            while True:
                try:
                    return take_lock()
                except sqlite3.OperationalError as error:
                    is_locked = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                    if not is_locked or time.monotonic() > deadline:
                        raise
                time.sleep(pause)
        except BaseException:
            self.end_turn()
            raise
        finally:
            # For what needs the lock without a turn, such as changes of the schema.
            self._set_busy_timeout(patience)

    def end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turns.release()

    def _set_busy_timeout(self, seconds: float) -> None:
        self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self.end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self.end_turn()
