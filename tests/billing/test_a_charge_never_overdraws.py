from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F

from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from tests.support.people import give_money


def charge(user: User, amount: int) -> Entry:
    with transaction.atomic():
        return services.charge(user=user, amount=amount, request_key=services.new_request_key())


def test_it_takes_the_last_cent_and_no_more(alice: User) -> None:
    give_money(alice, 1000)
    entry = charge(alice, 1000)
    assert (entry.amount, entry.balance_after, entry.note) == (-1000, 0, "")
    with pytest.raises(services.InsufficientFunds) as refusal:
        charge(alice, 1)
    assert (refusal.value.balance, refusal.value.required) == (0, 1)
    assert Entry.objects.count() == 2


def test_the_check_before_it_is_as_exact(alice: User) -> None:
    give_money(alice, 1000)
    services.check_funds(alice, 1000)
    with pytest.raises(services.InsufficientFunds) as refusal:
        services.check_funds(alice, 1001)
    assert (refusal.value.balance, refusal.value.required) == (1000, 1001)


def test_it_takes_ten_of_a_hundred_parallel_charges(transactional_db: None, alice: User) -> None:
    give_money(alice, 1000)

    def try_to_charge(_number: int) -> bool:
        try:
            charge(alice, 100)
        except services.InsufficientFunds:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(try_to_charge, range(100))) == 10
    assert services.wallet_of(alice).balance == 0
    charges = Entry.objects.filter(kind="charge").order_by("pk")
    assert [entry.balance_after for entry in charges] == list(range(900, -1, -100))


@contextmanager
def meanwhile(change: int) -> Iterator[None]:
    """Another process changes alice's balance just before this one first writes to a wallet.

    That is what PostgreSQL allows to happen between two statements of a transaction. SQLite never does: a
    transaction there begins by locking the whole database, so parallel charges prove nothing about what
    happens between reading a balance and writing it. The change is written on this connection instead, and
    thus in the same transaction, which shows the same on both databases.
    """
    balance, table = F("balance") + change, Wallet._meta.db_table

    def interfere(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith(f'UPDATE "{table}"') and not written:
            written.append(sql)
            Wallet.objects.filter(user__username="alice").update(balance=balance)
        return execute(sql, *rest)

    written: list[str] = []
    with connection.execute_wrapper(interfere):
        yield
    assert written, "no wallet was written to"


def test_it_takes_nothing_that_was_taken_between_reading_and_writing(alice: User) -> None:
    give_money(alice, 1000)
    with meanwhile(-1), pytest.raises(services.InsufficientFunds) as refusal:
        charge(alice, 1000)
    assert (refusal.value.balance, refusal.value.required) == (999, 1000)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("change", [-300, 300])
def test_it_changes_the_balance_of_that_moment(alice: User, change: int) -> None:
    give_money(alice, 1000)
    with meanwhile(change):
        entry = charge(alice, 100)
    assert entry.balance_after == services.wallet_of(alice).balance == 1000 + change - 100


def test_it_holds_in_the_database_itself(alice: User) -> None:
    give_money(alice, 1000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.update(balance=-1)


def test_it_wants_a_transaction(transactional_db: None, alice: User) -> None:
    give_money(alice, 1000)
    with pytest.raises(transaction.TransactionManagementError) as fault:
        services.charge(user=alice, amount=100, request_key="key")
    assert str(fault.value) == "money can only move inside a transaction"
    assert services.wallet_of(alice).balance == 1000
