"""With an entry that another connection books while a page is read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Entry
from billing.reports.snapshot import snapshot
from billing.services import wallet_of
from tests.support.people import give_money

pytestmark = pytest.mark.django_db(transaction=True)

TOTALS = "SUM(amount)"


def elsewhere(work: Callable[[], object]) -> None:
    """Do it on a connection of its own."""

    def run() -> None:
        work()
        done.append(True)
        connection.close()

    done: list[bool] = []
    thread = Thread(target=run)
    thread.start()
    thread.join()
    assert done


@contextmanager
def before(part_of_sql: str, work: Callable[[], object]) -> Iterator[list[str]]:
    """Do it elsewhere before the first such statement, which is then in the list."""
    found: list[str] = []

    def watch(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if part_of_sql in sql and not found:
            found.append(sql)
            elsewhere(work)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


def test_rows_and_totals_agree(client: Client, alice: User) -> None:
    give_money(alice, 100_00)
    client.force_login(alice)
    with before(TOTALS, lambda: give_money(alice, 50_00)) as found:
        context = client.get(reverse("predictions:statement")).context
    assert found
    assert (context["statement"].entries, context["statement"].closing) == (1, 100_00)
    assert [entry.amount for entry in context["rows"]] == [100_00]
    assert client.get(reverse("predictions:statement")).context["statement"].closing == 150_00


def test_reading_does_not_keep_others_from_writing(alice: User) -> None:
    wallet = wallet_of(alice)
    with snapshot():
        assert not Entry.objects.filter(wallet=wallet).exists()
        elsewhere(lambda: give_money(alice, 100_00))
        assert not Entry.objects.filter(wallet=wallet).exists()
    assert Entry.objects.filter(wallet=wallet).exists()


def test_writing_afterwards_takes_the_write_lock_again(alice: User) -> None:
    """SQLite: a transaction that takes it later fails if another was faster."""
    with snapshot():
        Entry.objects.exists()
    assert not connection.in_atomic_block
    if connection.vendor == "sqlite":
        sqlite: Any = connection
        assert sqlite.transaction_mode == "IMMEDIATE"
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("read committed",)
