"""Transactions on SQLite begin in the order in which they were asked for, and each ends its turn."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, connections, transaction

from accounts.models import User
from billing.reports.snapshot import snapshot
from creditscore.http.database import is_unavailable
from creditscore.sqlite import base
from creditscore.sqlite.base import FairLock
from tests.support.processes import wait_for

WAITING = 8

on_sqlite = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "creditscore.sqlite", reason="about the backend for SQLite"
)


@pytest.fixture
def other_process(transactional_db: None) -> Iterator[sqlite3.Connection]:
    """A connection of its own, as another process has one."""
    file = str(connection.settings_dict["NAME"])
    with closing(sqlite3.connect(file, isolation_level=None, uri=True)) as own:
        yield own


def test_who_has_waited_longest_is_next() -> None:
    lock, order = FairLock(), list[int]()
    assert lock.acquire(0)

    def take(number: int) -> None:
        assert lock.acquire(60)
        order.append(number)
        lock.release()

    with ThreadPoolExecutor(WAITING) as pool:
        for number in range(WAITING):
            pool.submit(take, number)
            wait_for(lambda: len(lock._waiting) > number)  # noqa: B023 (called at once)
        lock.release()
    assert order == list(range(WAITING))


def test_who_gives_up_waits_no_more() -> None:
    lock = FairLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0)
    lock.release()


@on_sqlite
def test_a_transaction_waits_for_that_of_another_process(
    other_process: sqlite3.Connection, alice: User
) -> None:
    other_process.execute("BEGIN IMMEDIATE")
    begun, release = threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        with transaction.atomic():
            User.objects.filter(pk=alice.pk).update(first_name="Alice")
            release.wait(10)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        begun.wait(10)
        wait_for(lambda: base._turns._held)
        other_process.execute("COMMIT")
        release.set()
        writing.result(30)
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


@on_sqlite
def test_one_that_waits_in_vain_says_so_and_ends_its_turn(
    other_process: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    other_process.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked") as raised, transaction.atomic():
        pass
    assert is_unavailable(raised.value)
    assert not base._turns._held
    other_process.execute("ROLLBACK")
    with transaction.atomic():
        assert base._turns._held


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_every_end_of_a_transaction_ends_its_turn() -> None:
    with transaction.atomic():
        assert base._turns._held
        with transaction.atomic():
            pass
        assert base._turns._held
    assert not base._turns._held
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    assert not base._turns._held
    with transaction.atomic():
        connection.close()
    assert not base._turns._held


@on_sqlite
def test_a_statement_of_its_own_waits_in_turn(other_process: sqlite3.Connection, alice: User) -> None:
    other_process.execute("BEGIN IMMEDIATE")
    assert base._turns.acquire(0)

    def write() -> None:
        User.objects.filter(pk=alice.pk).update(first_name="Alice")
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        wait_for(lambda: bool(base._turns._waiting))
        base._turns.release()
        wait_for(lambda: not base._turns._waiting)
        assert base._turns._held
        other_process.execute("COMMIT")
        writing.result(30)
    assert not base._turns._held
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_closed_keeps_no_turn() -> None:
    cursor = connection.cursor()
    connection.connection.close()
    with pytest.raises(ProgrammingError, match="closed"):
        cursor.execute("BEGIN IMMEDIATE")
    assert not base._turns._held
    connection.connection = None


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_who_reads_needs_no_turn(alice: User) -> None:
    with snapshot():
        assert User.objects.exists()
        assert not base._turns._held


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_patience_is_that_of_the_settings_afterwards() -> None:
    for _number in range(2):
        with connection.cursor() as cursor:
            [patience] = cursor.execute("PRAGMA busy_timeout").fetchone()
        assert patience == settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000
        with transaction.atomic():
            pass
