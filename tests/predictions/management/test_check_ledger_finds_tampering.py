from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from billing import services, triggers
from billing.models import Entry, Wallet
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import cancel_prediction, order_prediction
from predictions.scoring.schema import Applicant
from predictions.triggers import PERIODS
from tests.support.database import unguarded
from tests.support.ledger import forged
from tests.support.people import give_money


@contextmanager
def an_intruder() -> Iterator[None]:
    """An attacker with all rights to the database."""
    triggers.remove_triggers(connection)
    try:
        yield
    finally:
        triggers.install_triggers(connection)


@pytest.fixture(params=["first check", "checked before"])
def canceled(
    request: pytest.FixtureRequest, alice: User, bob: User, applicant: Applicant, catalog: None
) -> Prediction:
    """Books with a bit of everything: top-ups, charges, a refund."""
    for user in (alice, bob):
        give_money(user, 5000)
    model = ScoringModel.objects.get(slug="logistic-regression")
    for user, key in ((alice, "kept"), (bob, "kept"), (alice, "canceled")):
        order = order_prediction(user=user, model=model, applicant=applicant, request_key=key)
    prediction = cancel_prediction(order.prediction)
    if request.param == "checked before":
        call_command("check_ledger")
    return prediction


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command complains of; it must then exit with 1."""
    with pytest.raises(SystemExit) as end:
        call_command("check_ledger", *arguments)
    assert end.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--full"]])
def test_it_has_nothing_to_say_of_honest_books(
    canceled: Prediction, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_ledger", *arguments)
    captured = capsys.readouterr()
    assert captured.out.endswith("The books are right: 2 wallets, 6 entries\n")
    assert not captured.err


@pytest.mark.parametrize("change", [{"amount": 9000}, {"balance_after": 1}])
def test_it_names_the_wallet_of_a_changed_entry(
    canceled: Prediction, capsys: pytest.CaptureFixture[str], change: dict[str, int]
) -> None:
    with an_intruder():
        Entry.objects.filter(kind="top_up", wallet__user__username="alice").update(**change)
    complaint = check(capsys, "--full")
    assert "wallet of alice" in complaint
    assert "wallet of bob" not in complaint


def test_it_names_the_wallet_of_a_changed_balance(
    canceled: Prediction, capsys: pytest.CaptureFixture[str]
) -> None:
    Wallet.objects.filter(user__username="bob").update(balance=999_999)
    complaint = check(capsys)
    assert "wallet of bob: balance 999999" in complaint
    assert "wallet of alice" not in complaint


def test_it_misses_a_deleted_refund(canceled: Prediction, capsys: pytest.CaptureFixture[str]) -> None:
    with an_intruder():
        Entry.objects.filter(kind="refund").delete()
        Wallet.objects.filter(user__username="alice").update(balance=3000)
    assert f"canceled prediction {canceled.pk} was not refunded" in check(capsys)


def test_it_finds_a_result_that_was_refunded_by_nobody(
    canceled: Prediction, capsys: pytest.CaptureFixture[str]
) -> None:
    Prediction.objects.filter(pk=canceled.pk).update(status="succeeded", approval_probability=0.5)
    assert f"succeeded prediction {canceled.pk} was refunded" in check(capsys)


def test_it_finds_a_pending_prediction_that_was_refunded(
    canceled: Prediction, capsys: pytest.CaptureFixture[str]
) -> None:
    Prediction.objects.filter(pk=canceled.pk).update(status="queued", finished_at=None)
    assert f"queued prediction {canceled.pk} was refunded" in check(capsys)


def test_it_finds_a_price_that_was_not_paid(canceled: Prediction, capsys: pytest.CaptureFixture[str]) -> None:
    Prediction.objects.filter(user__username="bob").update(price=1)
    assert check(capsys).count("was not paid by a charge of its price") == 1


def test_it_finds_a_prediction_paid_by_somebody_else(
    canceled: Prediction, bob: User, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = Prediction.objects.get(user__username="alice", status="queued")
    Prediction.objects.filter(pk=moved.pk).update(user=bob)
    complaint = check(capsys)
    assert f"queued prediction {moved.pk} was paid from somebody else's wallet" in complaint
    assert "charge of its price" not in complaint


def test_it_finds_a_prediction_paid_by_no_charge(
    canceled: Prediction, operator: User, capsys: pytest.CaptureFixture[str]
) -> None:
    bobs = Prediction.objects.get(user__username="bob")
    with an_intruder():
        paid = {"kind": "adjustment", "operator": operator, "note": "x"}
        Entry.objects.filter(pk=bobs.charge_id).update(**paid)
    assert f"{bobs.pk} was not paid by a charge of its price" in check(capsys, "--full")


def test_it_finds_a_charge_for_nothing(
    canceled: Prediction, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction.atomic():
        services.charge(user=alice, amount=100, request_key="for nothing")
    assert "paid for no prediction" in check(capsys)


def test_it_finds_a_refund_of_another_amount(
    canceled: Prediction, capsys: pytest.CaptureFixture[str]
) -> None:
    with an_intruder():
        refund = Entry.objects.get(kind="refund")
        Entry.objects.filter(pk=refund.pk).update(amount=2000, balance_after=refund.balance_after + 1000)
        Wallet.objects.filter(pk=refund.wallet_id).update(balance=refund.balance_after + 1000)
    assert "does not undo a charge, or undoes more than it" in check(capsys, "--full")


def test_it_finds_a_refund_of_what_was_no_charge(
    canceled: Prediction, alice: User, operator: User, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = services.adjust(user=alice, amount=-1000, reason="x", operator=operator, request_key="x")
    refund = forged(alice, "refund", 1000, reverses=taken)
    assert f"wallet of alice: refund {refund.public_id} does not undo a charge" in check(capsys)


def test_it_finds_a_refund_booked_into_another_wallet(
    canceled: Prediction, bob: User, capsys: pytest.CaptureFixture[str]
) -> None:
    charge = Entry.objects.get(kind="charge", wallet__user__username="alice", reversal=None)
    refund = forged(bob, "refund", 1000, reverses=charge)
    complaint = check(capsys)
    assert f"wallet of bob: refund {refund.public_id} does not undo a charge" in complaint
    assert "wallet of bob: balance" not in complaint


def test_it_misses_the_guards(canceled: Prediction, capsys: pytest.CaptureFixture[str]) -> None:
    with an_intruder():
        complaint = check(capsys)
    assert "guards ledger entries is missing" in complaint


def test_it_misses_the_guard_of_the_history_of_sales(capsys: pytest.CaptureFixture[str], db: None) -> None:
    with unguarded(PERIODS):
        complaint = check(capsys)
    assert "guards the history of sales is missing" in complaint
