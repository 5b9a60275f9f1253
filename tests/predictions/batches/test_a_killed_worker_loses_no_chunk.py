"""A real worker for files is killed with `kill -9` in the middle of one; the next one goes on."""

import time
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.models import BatchChunk
from predictions.tasks import notify_bulk
from tests.support.batches import UploadFor, now, rows_of
from tests.support.processes import StartWorker, wait_for
from tests.support.scored_files import some_rows

ROWS = 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_every_row_is_scored_once(
    alice: User, paid: UploadFor, start_worker: StartWorker, own_files: Path
) -> None:
    worker = start_worker(queues="bulk", FILES_DIR=str(own_files.parent))
    batch = paid(alice, some_rows(ROWS), model="random-forest")
    running = BatchChunk.objects.filter(status="running")
    notify_bulk()
    deadline = time.monotonic() + 30
    while not running.exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    worker.kill()
    done = now(batch).done
    assert done < ROWS
    # The lease of what it had claimed ends.
    running.update(claimed_at="2020-01-01T00:00:00Z")

    start_worker(queues="bulk", FILES_DIR=str(own_files.parent))
    notify_bulk()
    wait_for(lambda: not now(batch).is_open)
    left = list(batch.chunks.exclude(status="done").values_list("number", "status", "attempts", "valid_rows"))
    assert (now(batch).status, now(batch).done, left) == ("completed", ROWS, [])
    assert [row["id"] for row in rows_of(batch)] == [row[0] for row in some_rows(ROWS)]
    assert wallet_of(alice).balance == 0
    assert Entry.objects.filter(kind="charge").count() == 1
    call_command("check_ledger")
