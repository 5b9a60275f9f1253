import io
from collections.abc import Callable
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from billing import audit, triggers
from billing.models import Entry, Wallet, WalletProof
from billing.services import wallet_of
from predictions.jobs.audit import problems
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from tests.support.ledger import charge, forged, refund
from tests.support.orders import OrderFor
from tests.support.people import give_money


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def faults(*arguments: str) -> str:
    """What `check_ledger` complains of; "" if the books are right."""
    complaint = io.StringIO()
    try:
        call_command("check_ledger", *arguments, stdout=io.StringIO(), stderr=complaint)
    except SystemExit:
        return complaint.getvalue()
    return ""


def change_unseen(entry: Entry) -> None:
    """Take the triggers away for a moment and change an entry; the wallet's balance stays."""
    triggers.remove_triggers(connection)
    Entry.objects.filter(pk=entry.pk).update(balance_after=1)
    triggers.install_triggers(connection)


def test_what_is_proven_is_read_again_only_in_full(alice: User) -> None:
    entry = give_money(alice, 1000)
    assert not faults()
    change_unseen(entry)
    assert not faults()
    assert f"entry {entry.public_id} leaves 1" in faults("--full")
    # Nor is it proven then.
    assert f"entry {entry.public_id} leaves 1" in faults()


def test_so_are_orders_that_have_ended(alice: User, order: OrderFor) -> None:
    give_money(alice, 1000)
    prediction = order(alice)
    score_queued()
    assert not faults()
    Prediction.objects.update(price=1)
    assert not [*problems()]
    assert f"prediction {prediction.pk} was not paid by a charge of its price" in faults("--full")


def test_a_missing_trigger_makes_it_read_everything(alice: User) -> None:
    entry = give_money(alice, 1000)
    assert not faults()
    triggers.remove_triggers(connection)
    assert "wallet of alice" not in faults()
    Entry.objects.filter(pk=entry.pk).update(balance_after=1)
    assert f"entry {entry.public_id} leaves 1" in faults()
    triggers.install_triggers(connection)
    assert f"entry {entry.public_id} leaves 1" in faults()


def test_nothing_is_proven_while_a_trigger_is_missing(alice: User) -> None:
    give_money(alice, 1000)
    triggers.remove_triggers(connection)
    faults()
    triggers.install_triggers(connection)
    assert WalletProof.objects.get().last_entry == 0


def test_a_wallet_is_followed_from_where_it_was_proven(alice: User, order: OrderFor) -> None:
    give_money(alice, 10_000)
    assert not faults()
    order(alice)
    order(alice)
    assert not faults()
    give_money(alice, 1)
    order(alice)
    assert not faults()
    proof = WalletProof.objects.get()
    assert (proof.balance, proof.last_entry) == (7001, Entry.objects.latest("pk").pk)


def test_a_movement_that_cancels_itself_out_is_read(alice: User, order: OrderFor) -> None:
    give_money(alice, 1000)
    assert not faults()
    refund(charge(alice, 500))
    assert "paid for no prediction" in faults()


def test_a_new_entry_that_breaks_the_running_balance_is_found(alice: User) -> None:
    give_money(alice, 1000)
    assert not faults()
    good = forged(alice, "bonus", 5)
    assert not faults()
    wallet = good.wallet
    Wallet.objects.filter(pk=wallet.pk).update(balance=1015)
    bad = Entry.objects.create(
        wallet=wallet, kind="bonus", amount=10, balance_after=1010, request_key="forged"
    )
    assert f"entry {bad.public_id} leaves 1010, but 1005 and 10 make 1015" in faults()


def test_a_fault_is_told_until_it_is_gone(alice: User, bob: User) -> None:
    for user in (alice, bob):
        give_money(user, 1000)
    assert not faults()
    charge(bob, 500)
    first = faults()
    assert "paid for no prediction" in first
    assert faults() == first


def test_a_changed_balance_is_found_though_no_entry_is_new(alice: User) -> None:
    give_money(alice, 1000)
    assert not faults()
    Wallet.objects.update(balance=1001)
    assert "wallet of alice: balance 1001, its entries add up to 1000" in faults()
    Wallet.objects.update(balance=1000)
    assert not faults()


def test_a_pending_prediction_is_checked_again(alice: User, order: OrderFor) -> None:
    give_money(alice, 1000)
    prediction = order(alice)
    assert not faults()
    Prediction.objects.update(price=1)
    complaint = faults()
    assert complaint.count(f"prediction {prediction.pk} was not paid by a charge of its price") == 1


def test_the_first_wallet_of_all_is_read(alice: User) -> None:
    Wallet.objects.create(pk=1, user=alice, balance=1)
    assert "wallet of alice: balance 1, its entries add up to 0" in faults()


@pytest.mark.parametrize("wallets", [1, 2, 3])
def test_wallets_are_read_in_parts(
    alice: User, bob: User, operator: User, wallets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PART_WALLETS", wallets)
    for user in (alice, bob, operator):
        give_money(user, 1000)
        charge(user, 1)
    complaint = faults()
    assert [complaint.count(f"wallet of {name}: charge") for name in ("alice", "bob", "operator")] == [
        1,
        1,
        1,
    ]


def test_an_entry_that_was_committed_late_is_read(alice: User, bob: User) -> None:
    """Its key is lower than one that was already proven, as keys are given before the commit."""
    for user in (alice, bob):
        give_money(user, 1000)
    last = Entry.objects.latest("pk").pk
    forged(alice, "bonus", 5, pk=last + 3)
    assert not faults()
    forged(bob, "charge", -5, pk=last + 1)
    forged(bob, "bonus", 5, pk=last + 2)
    assert "wallet of bob: charge" in faults()


@pytest.mark.django_db(transaction=True)
def test_an_entry_of_an_open_transaction_is_read_later(alice: User, bob: User) -> None:
    for user in (alice, bob):
        give_money(user, 1000)
    booked, commit = Event(), Event()

    def book() -> None:
        with transaction.atomic():
            charge(bob, 5)
            booked.set()
            commit.wait(30)
        connection.close()

    thread = Thread(target=book)
    thread.start()
    assert booked.wait(30)
    if connection.vendor == "postgresql":
        # SQLite has one transaction that writes at a time, so there keys and commits have one order.
        give_money(alice, 1)
        assert not faults()
    commit.set()
    thread.join()
    assert "wallet of bob: charge" in faults()
    assert wallet_of(bob).balance == 995


def test_two_checks_may_begin_at_once(alice: User) -> None:
    give_money(alice, 1000)

    def interfere(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith('INSERT INTO "billing_walletproof"') and not others:
            others.append(sql)
            assert not faults()
        return execute(sql, *rest)

    others: list[str] = []
    with connection.execute_wrapper(interfere):
        assert not faults()
    assert others
    assert WalletProof.objects.get().balance == 1000


def test_progress_is_shown_on_a_terminal(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PART_WALLETS", 1)
    for user in (alice, bob):
        give_money(user, 1000)
    terminal = Terminal()
    call_command("check_ledger", stdout=io.StringIO(), stderr=terminal)
    assert "1 wallets read\r2 wallets read\r" in terminal.getvalue()
