"""Reads of one moment."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads inside see the database as it was at the first one. Nothing can be written.

    Inside a transaction, that transaction decides what is seen.
    """
    if connection.in_atomic_block:
        yield
        return
    with ExitStack() as stack:
        {"sqlite": _begin_in_sqlite, "postgresql": _begin_in_postgresql}[connection.vendor](stack)
        yield


def _begin_in_sqlite(stack: ExitStack) -> None:
    """Begin without the write lock, which transactions take otherwise."""
    connection.ensure_connection()
    sqlite: Any = connection
    mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        stack.enter_context(transaction.atomic())
    finally:
        sqlite.transaction_mode = mode


def _begin_in_postgresql(stack: ExitStack) -> None:
    stack.enter_context(transaction.atomic())
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
