"""Each row that is tried without a database would take seconds, and a traceback in the log."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from accounts.models import User
from predictions.jobs import transitions
from predictions.models import Prediction
from tests.support.database import database_url
from tests.support.orders import OrderFor
from tests.support.people import give_money

Status = Prediction.Status


@contextmanager
def away_from_the_second_row_on() -> Iterator[None]:
    """PostgreSQL ends the connection and takes no new one; another connection locks the SQLite file."""
    reads = 0
    locks: list[sqlite3.Connection] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal reads
        # The first statement about a row reads it with its charge.
        if "FOR UPDATE" not in sql and "billing_wallet" in sql and "LIMIT 1" in sql:
            reads += 1
            if reads == 2:
                take_away()
        return execute(sql, params, many, context)

    def take_away() -> None:
        if connection.vendor == "sqlite":
            locks.append(sqlite3.connect(Path(connection.settings_dict["NAME"]), isolation_level=None))
            locks[0].execute("BEGIN IMMEDIATE")
        else:
            other = psycopg2.connect(database_url())
            other.cursor().execute(
                "SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid]
            )
            other.close()

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 50")
    try:
        with connection.execute_wrapper(watch):
            yield
    finally:
        for lock in locks:
            lock.close()
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_it_says_so_in_one_line_and_goes_on_later(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture
) -> None:
    give_money(alice, 100_00)
    orders = [order(alice) for _number in range(4)]
    late = timezone.now() - configured.DEADLINE - timedelta(seconds=10)
    for number, prediction in enumerate(orders):
        Prediction.objects.filter(pk=prediction.pk).update(queued_at=late + timedelta(seconds=number))
    pending = Prediction.objects.pending()
    with away_from_the_second_row_on():
        assert transitions.fail_all(pending, Prediction.Failure.DEADLINE) == 1
    [line] = [record for record in caplog.records if record.name == transitions.__name__]
    assert str(orders[1].pk) in line.getMessage()
    assert line.exc_info is None
    assert pending.count() == 3
    assert transitions.fail_all(pending, Prediction.Failure.DEADLINE) == 3
