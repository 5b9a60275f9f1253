"""Operators take files back from dead workers, have failed ones scored again, and stop and refund them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.money import format_money
from billing.services import wallet_of
from predictions.batches import intake, scoring, settling
from predictions.models import Batch, BatchChunk
from predictions.orders.batches import cancel_batch
from predictions.orders.operator import refund_file, retry_file
from tests.support.batches import UploadFor, now, rows_of, score_all
from tests.support.html import Page
from tests.support.messages import empty_queue, waiting_messages
from tests.support.scored_files import some_rows

ROWS = some_rows(6)

pytestmark = pytest.mark.usefixtures("small_chunks")


@pytest.fixture
def admin(operator: User, client: Client) -> Client:
    client.force_login(operator)
    return client


def act(admin: Client, action: str, batch: Batch) -> Batch:
    empty_queue("bulk")
    data = {"action": action, "_selected_action": [str(batch.pk)], "reason": "a complaint", "confirmed": "1"}
    assert admin.post("/admin/predictions/batch/", data).status_code == 302
    return now(batch)


@pytest.fixture
def half(alice: User, paid: UploadFor) -> Batch:
    """One chunk is scored, and a worker has died with another."""
    batch = paid(alice, ROWS)
    assert scoring.step()
    assert scoring.claim_chunk()
    return now(batch)


@pytest.fixture
def failed(alice: User, paid: UploadFor, settings: Settings) -> Batch:
    """Paid, failed and refunded."""
    batch = paid(alice, ROWS)
    sha256 = batch.artifact_sha256
    settings.MAX_ATTEMPTS = 1
    Batch.objects.update(artifact_sha256="0" * 64)
    score_all()
    Batch.objects.update(artifact_sha256=sha256)
    assert (now(batch).status, wallet_of(alice).balance) == ("failed", 60_00)
    return now(batch)


def test_a_retry_takes_chunks_back(admin: Client, half: Batch, alice: User) -> None:
    act(admin, "retry", half)
    assert not BatchChunk.objects.filter(status="running").exists()
    assert waiting_messages("bulk") == [[]]
    score_all()
    assert (now(half).status, now(half).done, wallet_of(alice).balance) == ("completed", 6, 0)
    call_command("check_ledger")


def test_a_retry_takes_a_file_back_from_its_check(
    admin: Client, alice: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    batch = upload(alice)
    assert intake.claim(batch.pk)
    assert act(admin, "retry", batch).claim is None
    score_all()
    assert now(batch).status == "quoted"


def test_a_check_that_was_interrupted_too_often_is_begun_again(
    admin: Client, alice: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    settings.LEASE = timedelta(0)
    batch = upload(alice)
    for _attempt in range(settings.MAX_ATTEMPTS):
        assert intake.claim(batch.pk)
        settling.settle_expired()
    assert now(batch).failure == "attempts_exhausted"
    assert act(admin, "retry", batch).status == "validating"
    score_all()
    assert (now(batch).status, now(batch).valid_rows) == ("quoted", 3)


def test_a_failed_one_is_scored_again_at_our_cost(
    admin: Client, operator: User, alice: User, failed: Batch
) -> None:
    again = act(admin, "retry", failed)
    assert (again.status, again.comped_by, again.due_refund) == ("queued", operator, 0)
    call_command("check_ledger")
    score_all()
    assert (now(failed).status, now(failed).done, len(rows_of(failed))) == ("completed", 6, 6)
    assert wallet_of(alice).balance == 60_00
    assert Entry.objects.filter(kind="refund").count() == 1
    call_command("check_ledger")


@pytest.mark.parametrize("end", ["fails again", "is canceled", "is refunded"])
def test_what_is_scored_at_our_cost_is_never_refunded_again(
    admin: Client, operator: User, alice: User, failed: Batch, end: str
) -> None:
    act(admin, "retry", failed)
    if end == "fails again":
        Batch.objects.update(artifact_sha256="0" * 64)
        score_all()
    elif end == "is canceled":
        cancel_batch(failed)
    else:
        act(admin, "refund", failed)
    assert not now(failed).is_open
    assert wallet_of(alice).balance == 60_00
    call_command("check_ledger")


def test_a_file_that_cannot_be_read_is_not_retried(alice: User, operator: User, upload: UploadFor) -> None:
    batch = upload(alice, [["x"]])
    assert now(batch).status == "failed"
    assert not retry_file(batch, operator=operator)


def test_a_refund_is_of_what_has_no_result_and_names_the_operator(
    admin: Client, operator: User, alice: User, half: Batch
) -> None:
    done = half.done
    assert 0 < done < 6
    batch = act(admin, "refund", half)
    assert (batch.status, batch.done) == ("canceled", done)
    refund = Entry.objects.get(kind="refund")
    assert (refund.amount, refund.operator) == ((6 - done) * 10_00, operator)
    assert refund.note == f"Refund of file {half.pk}: a complaint"
    found = rows_of(batch)
    assert [bool(row["approval_probability"]) for row in found].count(True) == done
    call_command("check_ledger")


def test_a_refund_of_a_file_is_confirmed_with_a_reason(admin: Client, alice: User, half: Batch) -> None:
    data = {"action": "refund", "_selected_action": [str(half.pk)]}
    answer = admin.post("/admin/predictions/batch/", data)
    assert Page(answer).all("td")[-1].text == format_money((6 - half.done) * 10_00)
    assert (now(half).status, wallet_of(alice).balance) == ("running", 0)


def test_what_has_ended_is_not_refunded_again(alice: User, operator: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    score_all()
    assert not refund_file(now(batch), operator=operator, reason="x")
    assert wallet_of(alice).balance == 0
    assert not Entry.objects.filter(kind="refund").exists()


def test_what_was_scored_before_it_was_stopped_is_completed(
    alice: User, operator: User, paid: UploadFor
) -> None:
    batch = paid(alice, some_rows(1))
    chunk = scoring.claim_chunk()
    assert chunk
    scoring.score_chunk(chunk)
    assert not refund_file(now(batch), operator=operator, reason="x")
    assert (now(batch).status, wallet_of(alice).balance) == ("completed", 0)


def test_a_quote_has_nothing_to_refund(alice: User, operator: User, upload: UploadFor) -> None:
    assert not refund_file(upload(alice), operator=operator, reason="x")
    assert Batch.objects.get().status == "quoted"


def test_only_operators_may(alice: User, client: Client, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    data = {"action": "refund", "_selected_action": [str(batch.pk)], "reason": "x", "confirmed": "1"}
    client.post("/admin/predictions/batch/", data)
    assert now(batch).status == "queued"
