"""A process that dies at a chosen statement: what it has not committed is lost, and no handler helps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


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
