"""Files are kept for as long as settings say; the batch and the ledger stay."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions.batches import intake, settling, store
from predictions.batches.settling import ABANDONED_AFTER, UNPAID_RETENTION
from predictions.models import Batch
from predictions.orders import uploads
from predictions.orders.batches import NotQuoted, cancel_batch, requote_batch
from tests.support.batches import BAD, UploadFor, now, score_all, stored_files, table
from tests.support.people import ApiClientFor
from tests.support.scored_files import HEADER, some_rows

ROWS = [*some_rows(3), BAD]
NOTHING = {"files_purged": 0, "scores_deleted": 0, "uploads_dropped": 0, "folders_dropped": 0}


def aged(path: Path, age: timedelta) -> None:
    past = time.time() - age.total_seconds() - 1
    os.utime(path, (past, past))


def test_a_paid_file_is_deleted_after_its_retention(
    alice: User, api: ApiClientFor, paid: UploadFor, own_files: Path, settings: Settings
) -> None:
    batch = paid(alice, ROWS)
    score_all()
    assert settling.clean() == NOTHING
    Batch.objects.update(finished_at=timezone.now() - settings.BATCH_RETENTION)
    assert settling.clean() == NOTHING | {"files_purged": 1}
    assert stored_files(own_files) == []
    client, address = api(alice), f"/api/v1/batches/{batch.pk}/"
    body = client.get(address).json()
    assert (body["status"], body["done_rows"], body["results_url"], body["errors_url"]) == (
        *("completed", 3),
        *(None, None),
    )
    for name in ("results.csv", "errors.csv"):
        answer = client.get(address + name)
        assert (answer.status_code, answer.json()["code"]) == (410, "files_deleted")
    call_command("check_ledger")


def test_a_file_that_was_not_paid_is_deleted_sooner(alice: User, upload: UploadFor, own_files: Path) -> None:
    batch = upload(alice, ROWS)
    cancel_batch(batch)
    Batch.objects.update(finished_at=timezone.now() - UNPAID_RETENTION)
    settling.clean()
    assert stored_files(own_files) == []


@pytest.mark.parametrize("small", [0, 200_000])
def test_the_rows_of_a_file_that_is_canceled_before_it_is_paid_are_deleted_at_once(
    alice: User, upload: UploadFor, own_files: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(uploads, "SMALL_BYTES", small)
    cancel_batch(upload(alice, some_rows(3)))
    assert stored_files(own_files) == []


def test_a_file_that_is_canceled_while_it_is_claimed_is_left_alone(
    alice: User, upload: UploadFor, own_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SMALL_BYTES", 0)
    batch = upload(alice, some_rows(3))
    claimed = intake.claim(batch.pk)
    assert claimed
    cancel_batch(batch)
    intake.validate(claimed)
    assert (now(batch).status, stored_files(own_files)) == ("canceled", [])


@pytest.mark.parametrize(
    ("content", "kept"), [(table([BAD, BAD]), ["errors"]), (table(some_rows(3)) + b"a\0b\n", [])]
)
def test_the_rows_of_a_file_that_is_refused_are_deleted_at_once(
    alice: User, upload: UploadFor, own_files: Path, content: bytes, kept: list[str]
) -> None:
    batch = upload(alice, content=content)
    assert now(batch).status == "failed"
    assert [name.split("/")[1].split("-")[0] for name in stored_files(own_files)] == kept


def test_an_expired_quote_whose_file_is_deleted_gets_no_new_price(alice: User, upload: UploadFor) -> None:
    batch = upload(alice)
    Batch.objects.update(expires_at=timezone.now() - timedelta(days=2))
    settling.settle()
    Batch.objects.update(finished_at=timezone.now() - UNPAID_RETENTION)
    settling.clean()
    with pytest.raises(NotQuoted):
        requote_batch(now(batch))


def test_what_is_open_is_kept(alice: User, paid: UploadFor, own_files: Path, settings: Settings) -> None:
    settings.BATCH_RETENTION = timedelta(0)
    batch = paid(alice, ROWS)
    aged(own_files / str(batch.pk), ABANDONED_AFTER)
    settling.clean()
    score_all()
    assert now(batch).done == 3


def test_the_upload_itself_is_deleted_once_it_has_been_checked(
    alice: User, upload: UploadFor, own_files: Path
) -> None:
    batch = upload(alice, ROWS)
    names = [name.split("/")[1].split("-")[0] for name in stored_files(own_files)]
    assert names == ["errors", "in"]
    assert now(batch).source == ""


def test_what_belongs_to_nothing_is_deleted(db: None, own_files: Path, settings: Settings) -> None:
    lost = uuid.uuid4()
    store.save(lost, "source", b"x")
    half = store.incoming_folder() / "half.upload"
    half.write_bytes(b"x")
    assert settling.clean() == NOTHING
    aged(own_files / str(lost), ABANDONED_AFTER)
    aged(half, ABANDONED_AFTER)
    assert settling.clean() == NOTHING | {"uploads_dropped": 1, "folders_dropped": 1}
    assert not half.exists()
    assert stored_files(own_files) == []


def test_files_are_private(alice: User, upload: UploadFor, own_files: Path) -> None:
    upload(alice, ROWS)
    modes = {path.stat().st_mode & 0o077 for path in [own_files, *own_files.rglob("*")]}
    assert modes == {0}


def test_errors_take_little_room(alice: User, upload: UploadFor, own_files: Path) -> None:
    content = table([["x", *[""] * (len(HEADER) - 1)]] * 5_000)
    batch = upload(alice, content=content)
    stored = sum((own_files / name).stat().st_size for name in stored_files(own_files))
    # As they are told, they are 70 times as long as the file.
    assert stored < 4 * len(content)
    assert sum(1 for _problem in intake.problems_of(now(batch))) > 5_000
