"""Each end of a file refunds exactly the rows without a result, in one entry."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.batches import scoring, settling
from predictions.models import Batch, BatchChunk, ScoringModel, VolumeDiscount
from predictions.orders.batches import cancel_batch, confirm_batch
from predictions.orders.predictions import NotCancelable
from predictions.scoring.models.protocol import Floats, Model
from predictions.scoring.predict import approve as approved
from tests.support.batches import UploadFor, now, rows_of, score_all
from tests.support.people import give_money
from tests.support.scored_files import some_rows

ROWS = some_rows(5)


@pytest.fixture
def unscorable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first row of each chunk makes the model fail."""
    firsts = set[float]()

    def approve(model: Model, raw: Floats) -> Floats:
        if len(raw) > 1:
            firsts.add(float(raw[0].sum()))
        if float(raw[0].sum()) in firsts:
            raise ArithmeticError("no number")
        return approved(model, raw)

    monkeypatch.setattr(scoring, "approve", approve)


@pytest.mark.usefixtures("small_chunks", "unscorable")
def test_rows_that_fail_are_refunded_in_one_entry(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    score_all()
    batch = now(batch)
    failed = batch.failed
    assert 0 < failed < 5
    assert (batch.status, batch.done, batch.refunded) == ("completed", 5 - failed, failed * 10_00)
    assert Entry.objects.filter(kind="refund").count() == 1
    assert wallet_of(alice).balance == failed * 10_00
    assert sum("could not be scored" in row["error"] for row in rows_of(batch)) == failed
    call_command("check_ledger")


def test_a_file_without_any_result_has_failed(
    alice: User, paid: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(model: Model, raw: Floats) -> Floats:
        raise ArithmeticError

    monkeypatch.setattr(scoring, "approve", fail)
    batch = paid(alice, ROWS)
    score_all()
    assert (now(batch).status, now(batch).failure, now(batch).failed) == ("failed", "scoring_failed", 5)
    assert wallet_of(alice).balance == 50_00
    call_command("check_ledger")


@pytest.mark.usefixtures("small_chunks")
def test_canceling_refunds_what_was_not_scored(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    scoring.step()
    batch = cancel_batch(batch)
    assert 0 < batch.done < 5
    assert batch.refunded == (5 - batch.done) * 10_00 == wallet_of(alice).balance
    score_all()
    assert now(batch).done == batch.done
    found = rows_of(batch)
    assert [row["id"] for row in found] == [row[0] for row in ROWS]
    assert [bool(row["approval_probability"]) for row in found] == [True] * batch.done + [False] * (
        5 - batch.done
    )
    call_command("check_ledger")


def test_a_chunk_that_was_being_scored_when_it_was_canceled_counts_as_not_scored(
    alice: User, paid: UploadFor
) -> None:
    batch = paid(alice, ROWS)
    chunk = scoring.claim_chunk()
    assert chunk
    cancel_batch(batch)
    scoring.score_chunk(chunk)
    assert (now(batch).done, wallet_of(alice).balance) == (0, 50_00)
    call_command("check_ledger")


def test_what_has_been_scored_cannot_be_canceled(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    chunk = scoring.claim_chunk()
    assert chunk
    scoring.score_chunk(chunk)
    # Its worker has not completed it yet.
    with pytest.raises(NotCancelable):
        cancel_batch(batch)
    assert (now(batch).status, wallet_of(alice).balance) == ("completed", 0)


def test_a_discounted_price_is_refunded_to_the_cent(alice: User, upload: UploadFor) -> None:
    ScoringModel.objects.filter(slug="logistic-regression").update(price=9_99)
    VolumeDiscount.objects.create(rows_from=5, percent=33)
    batch = upload(alice, ROWS)
    # 6.6933 is rounded down.
    assert (batch.discount_percent, batch.unit_price, batch.price) == (33, 6_69, 33_45)
    give_money(alice, 33_45)
    batch = confirm_batch(batch)
    chunk = scoring.claim_chunk()
    assert chunk
    assert cancel_batch(batch).refunded == 33_45
    call_command("check_ledger")


def test_chunks_that_kill_workers_are_given_up_and_refunded(
    alice: User, paid: UploadFor, settings: Settings
) -> None:
    settings.LEASE = timedelta(0)
    batch = paid(alice, ROWS)
    for _attempt in range(settings.MAX_ATTEMPTS):
        assert scoring.claim_chunk()
        BatchChunk.objects.update(claimed_at="2020-01-01T00:00:00Z")
        if now(batch).is_open:
            settling.settle()
    assert (now(batch).status, now(batch).failed) == ("failed", 5)
    assert wallet_of(alice).balance == 50_00


def test_a_file_waits_for_a_model_that_is_away_and_is_refunded_in_the_end(
    alice: User, paid: UploadFor, settings: Settings
) -> None:
    batch = paid(alice, ROWS)
    Batch.objects.update(artifact_sha256="0" * 64)
    settings.LEASE = timedelta(0)
    for _attempt in range(settings.MAX_ATTEMPTS):
        assert now(batch).is_open
        scoring.step()
    score_all()
    assert (now(batch).status, wallet_of(alice).balance) == ("failed", 50_00)


def test_a_file_that_is_away_costs_an_attempt(
    alice: User, paid: UploadFor, own_files: Path, settings: Settings
) -> None:
    settings.LEASE = timedelta(0)
    batch = paid(alice, ROWS)
    away = own_files.rename(own_files.with_name("away"))
    scoring.step()
    assert now(batch).is_open
    away.rename(own_files)
    score_all()
    assert (now(batch).status, now(batch).done) == ("completed", 5)
