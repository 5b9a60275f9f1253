"""Chunks are taken in turn by customer, and one file at a time is checked."""

from pathlib import Path

import pytest

from accounts.models import User
from predictions.batches import intake, scoring
from predictions.jobs.worker import score_queued
from predictions.models import Batch, Prediction
from tests.support.batches import UploadFor, now, score_all
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.scored_files import some_rows

pytestmark = pytest.mark.usefixtures("small_chunks")


def test_a_small_file_waits_for_one_chunk_of_a_large_one(alice: User, bob: User, paid: UploadFor) -> None:
    large = paid(alice, some_rows(30))
    assert scoring.step()
    small = paid(bob, some_rows(2))
    for _step in range(2):
        scoring.step()
    assert now(small).status == "completed"
    assert now(large).done < 10
    score_all()
    assert (now(large).status, now(large).done) == ("completed", 30)


def test_customers_are_served_in_turn(alice: User, bob: User, operator: User, paid: UploadFor) -> None:
    for user in (alice, bob, operator):
        paid(user, some_rows(6))
    served = []
    for _number in range(6):
        chunk = scoring.claim_chunk()
        assert chunk
        served.append(chunk.batch.user)
        scoring.score_chunk(chunk)
    assert served == [*served[:3], *served[:3]]
    assert set(served) == {alice, bob, operator}


def test_files_of_a_customer_are_scored_as_they_were_paid(alice: User, paid: UploadFor) -> None:
    first, second = paid(alice, some_rows(4)), paid(alice, some_rows(4))
    for _number in range(2):
        scoring.step()
    assert (now(first).status, now(second).status) == ("completed", "queued")


def test_one_file_at_a_time_is_checked(
    alice: User, bob: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    upload(alice)
    upload(bob)
    assert intake.claim_upload()
    assert intake.claim_upload() is None


def test_a_file_that_cannot_be_checked_blocks_no_other(
    alice: User, bob: User, upload: UploadFor, own_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    broken = upload(alice)
    source = own_files / broken.source
    source.unlink()
    source.mkdir()
    assert scoring.step()
    assert (now(broken).claim, now(broken).attempts, now(broken).status) == (None, 1, "validating")
    other = upload(bob)
    scoring.step()
    assert now(other).status == "quoted"


def test_customers_have_files_checked_in_turn(
    alice: User, bob: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    first, second = upload(alice), upload(alice)
    last = upload(bob)
    checked = []
    while batch := intake.claim_upload():
        intake.validate(batch)
        checked.append(batch.pk)
    assert checked == [first.pk, last.pk, second.pk]


def test_every_step_wakes_another_process(alice: User, paid: UploadFor) -> None:
    paid(alice, some_rows(4))
    woken: list[bool] = []
    scoring.work(wake_another=lambda: woken.append(True))
    assert len(woken) == Batch.objects.get().chunks.count()


def test_orders_do_not_wait_for_files(alice: User, paid: UploadFor, order: OrderFor) -> None:
    batch = paid(alice, some_rows(4))
    give_money(alice, 10_00)
    prediction = order(alice)
    score_queued()
    assert Prediction.objects.get(pk=prediction.pk).status == "succeeded"
    assert now(batch).status == "queued"
