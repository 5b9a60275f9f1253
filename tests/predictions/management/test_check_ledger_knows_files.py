"""The audit of files: what was paid is what was sold, and each row has a result or its money back."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from billing import services, triggers
from billing.models import Entry, Wallet
from predictions.models import Batch, BatchChunk
from predictions.orders.batches import cancel_batch
from predictions.orders.predictions import cancel_prediction
from tests.support.batches import UploadFor, score_all
from tests.support.ledger import forged
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.scored_files import some_rows


def check(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        call_command("check_ledger")
    return capsys.readouterr().err


@pytest.fixture
def scored(alice: User, paid: UploadFor) -> Batch:
    batch = paid(alice, some_rows(3))
    score_all()
    return batch


@pytest.fixture
def canceled(alice: User, paid: UploadFor) -> Batch:
    return cancel_batch(paid(alice, some_rows(3)))


def test_honest_books(scored: Batch, canceled: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger")
    assert "The books are right: 1 wallets, 5 entries" in capsys.readouterr().out


def test_a_price_that_was_not_paid(scored: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    Batch.objects.update(price=60_00, unit_price=20_00)
    assert f"completed file {scored.pk} was not paid by a charge of its price" in check(capsys)


def test_a_file_that_somebody_else_paid(scored: Batch, bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    Batch.objects.update(user=bob)
    assert "was paid from somebody else's wallet" in check(capsys)


def test_rows_without_a_result_that_were_not_refunded(
    scored: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    Batch.objects.update(done_rows=2, failed_rows=1)
    complaint = check(capsys)
    assert f"completed file {scored.pk} was refunded 0 instead of 1000" in complaint
    assert "has other counts than its chunks" in complaint


def test_results_that_were_refunded(canceled: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    Batch.objects.update(done_rows=1)
    BatchChunk.objects.update(status="done", result="x", done_rows=1, valid_rows=1)
    assert f"canceled file {canceled.pk} was refunded 3000 instead of 2000" in check(capsys)


def test_a_refund_before_the_end(alice: User, paid: UploadFor, capsys: pytest.CaptureFixture[str]) -> None:
    batch = paid(alice, some_rows(3))
    assert batch.charge
    with transaction.atomic():
        services.refund(batch.charge, amount=10_00)
    assert f"queued file {batch.pk} was refunded before its end" in check(capsys)


def test_a_refund_of_more_than_the_charge(scored: Batch, alice: User) -> None:
    assert scored.charge
    for amount in (30_01, 0, -1):
        with pytest.raises(ValueError, match="cannot be refunded"), transaction.atomic():
            services.refund(scored.charge, amount=amount or -1)
    assert services.wallet_of(alice).balance == 0


def test_a_forged_refund_of_more_than_the_charge(
    scored: Batch, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    forged(alice, "refund", 30_01, reverses=scored.charge)
    assert "does not undo a charge, or undoes more than it" in check(capsys)


def test_a_second_refund_of_a_charge(canceled: Batch, alice: User) -> None:
    assert canceled.charge
    with pytest.raises(services.AlreadyRefunded), transaction.atomic():
        services.refund(canceled.charge, amount=1)


def test_a_prediction_is_refunded_as_a_whole(
    alice: User, order: OrderFor, capsys: pytest.CaptureFixture[str]
) -> None:
    give_money(alice, 10_00)
    prediction = cancel_prediction(order(alice))
    call_command("check_ledger")
    triggers.remove_triggers(connection)
    try:
        refund = Entry.objects.get(kind="refund")
        Entry.objects.filter(pk=refund.pk).update(amount=9_00, balance_after=9_00)
        Wallet.objects.update(balance=9_00)
    finally:
        triggers.install_triggers(connection)
    with pytest.raises(SystemExit):
        call_command("check_ledger", "--full")
    assert f"canceled prediction {prediction.pk} was not refunded by its price" in capsys.readouterr().err
