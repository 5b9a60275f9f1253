"""A row that kills its worker costs itself: the others of its chunk get their results."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.batches import scoring, settling, splitting, store, transitions
from predictions.models import Batch, BatchChunk
from predictions.orders.batches import cancel_batch
from tests.support.batches import UploadFor, now, rows_of, stored_files
from tests.support.scored_files import some_rows

ROWS = 100


@pytest.fixture(autouse=True)
def no_lease(settings: Settings) -> None:
    settings.LEASE = timedelta(0)


def work_on(batch: Batch, *killers: str) -> int:
    """Do what workers would do of which each dies that scores a chunk with one of `killers`; how many do."""
    killed = 0
    while now(batch).is_open:
        chunk = scoring.claim_chunk()
        assert chunk
        if not splitting.split(chunk):
            content = store.read(chunk.source).decode()
            if any(f"{killer}," in content for killer in killers):
                killed += 1
                settling.settle_expired()
                continue
            scoring.score_chunk(chunk)
        transitions.complete(chunk.batch)
    return killed


@pytest.mark.parametrize("killer", ["loan 0", "loan 57", f"loan {ROWS - 1}"])
def test_only_that_row(alice: User, paid: UploadFor, settings: Settings, killer: str) -> None:
    batch = paid(alice, some_rows(ROWS))
    killed = work_on(batch, killer)
    # The chunk, a part of it, and then the row alone as often as it may.
    assert killed <= 2 + settings.MAX_ATTEMPTS
    batch = now(batch)
    assert (batch.status, batch.done, batch.failed) == ("completed", ROWS - 1, 1)
    assert wallet_of(alice).balance == 10_00
    assert Entry.objects.filter(kind="refund").count() == 1
    found = rows_of(batch)
    assert [row["id"] for row in found] == [f"loan {number}" for number in range(ROWS)], "in their order"
    assert [row["id"] for row in found if row["error"]] == [killer]
    call_command("check_ledger")


def test_a_worker_that_dies_by_itself_costs_nothing(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, some_rows(ROWS))
    assert scoring.claim_chunk()
    settling.settle_expired()
    assert work_on(batch) == 0
    assert (now(batch).status, now(batch).done, wallet_of(alice).balance) == ("completed", ROWS, 0)


def test_what_kills_by_every_row_ends(alice: User, paid: UploadFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MAX_INTERRUPTIONS", 3)
    batch = paid(alice, some_rows(ROWS))
    killed = work_on(batch, *(f"loan {number}" for number in range(ROWS)))
    assert killed < ROWS * 2
    assert (now(batch).status, wallet_of(alice).balance) == ("failed", 1000_00)
    call_command("check_ledger")


def test_a_split_and_a_cancellation_exclude_each_other(
    alice: User, paid: UploadFor, own_files: object
) -> None:
    batch = paid(alice, some_rows(ROWS))
    assert scoring.claim_chunk()
    settling.settle_expired()
    chunk = scoring.claim_chunk()
    assert chunk
    cancel_batch(batch)
    before = stored_files(own_files)  # type: ignore[arg-type]
    assert splitting.split(chunk), "it is not this worker's any more"
    assert BatchChunk.objects.get().status == "canceled"
    assert stored_files(own_files) == before  # type: ignore[arg-type]
    assert wallet_of(alice).balance == 1000_00
