"""A process that dies at a chosen statement: what it has not committed is lost, and no handler helps."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

RELAXED = {"sqlite": "PRAGMA synchronous = OFF", "postgresql": "SET synchronous_commit = off"}


class Killed(BaseException):
    """As a signal ends a process: the service does not catch it."""


class Death:
    """Wraps all statements. The process dies at the first one that is `due`; `happened`: it has died."""

    def __init__(self, due: Callable[[str], bool]) -> None:
        self._due = due
        self.happened = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        self.happened = self.happened or self._due(sql)
        if self.happened:
            raise Killed
        return execute(sql, params, many, context)


@contextmanager
def killed_at(due: Callable[[str], bool]) -> Iterator[Death]:
    """Run the block until the first statement that is `due`: that one and all later ones are never executed.

    The connection is closed as by a process that has died. For tests whose transactions commit.
    """
    death = Death(due)
    try:
        with connection.execute_wrapper(death):
            yield death
    except Killed:
        assert death.happened
    finally:
        if death.happened:
            connection.close()


@pytest.fixture
def quick_commits() -> Iterator[None]:
    """Nothing is written to the disk at once: here processes die, and the machine does not."""

    def set_up(connection: BaseDatabaseWrapper, **_more: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(RELAXED[connection.vendor])

    connection_created.connect(set_up)
    connection.close()
    yield
    connection_created.disconnect(set_up)
    connection.close()


class Interruption:
    """Wraps all statements. Before one of them, from number `at` on, `rival` runs in a process of its own.

    It must not wait for this one, so it runs where no transaction has locked anything yet.
    """

    def __init__(self, at: int, rival: Callable[[], object]) -> None:
        self._left, self._rival = at, rival
        self._in_transaction = self.happened = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        current: BaseDatabaseWrapper = context["connection"]
        # SQLite locks when a transaction begins, PostgreSQL by its statements.
        locked = current.in_atomic_block and (self._in_transaction or current.vendor == "sqlite")
        self._in_transaction = current.in_atomic_block
        self._left -= 1
        if self._left <= 0 and not locked and not self.happened:
            self.happened = True
            with ThreadPoolExecutor(1) as pool:
                pool.submit(self._run_rival).result()
        return execute(sql, params, many, context)

    def _run_rival(self) -> None:
        try:
            self._rival()
        finally:
            connections.close_all()


def statement(number: int) -> Callable[[str], bool]:
    """For `killed_at`: the statement with this number, from 1."""
    left = number

    def due(_sql: str) -> bool:
        nonlocal left
        left -= 1
        return left <= 0

    return due


def storing_the_answer(sql: str) -> bool:
    """For `killed_at`: all work is done, and the answer to an `Idempotency-Key` is about to be stored."""
    return sql.startswith('INSERT INTO "billing_idempotencyrecord"')
