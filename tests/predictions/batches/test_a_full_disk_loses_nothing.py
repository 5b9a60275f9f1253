"""A disk that takes no more: uploads are refused, and what was paid waits for room."""

import errno
import resource
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.services import wallet_of
from predictions.batches import scoring, settling, store
from predictions.batches.store import PAUSE, StorageFull
from predictions.models import Batch, BatchChunk
from tests.support.batches import UploadFor, now, score_all, sent, stored_files, table
from tests.support.people import ApiClientFor
from tests.support.scored_files import some_rows


class Disk:
    """The disk of the files; it takes nothing while it is `full`."""

    full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk, save = Disk(), FileSystemStorage._save  # type: ignore[attr-defined]

    def saved(storage: FileSystemStorage, name: str, content: Any) -> str:
        if disk.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return str(save(storage, name, content))

    monkeypatch.setattr(FileSystemStorage, "_save", saved)
    return disk


def later() -> None:
    """The pause after a full disk is over."""
    past = timezone.now() - PAUSE - timedelta(seconds=1)
    Batch.objects.update(claimed_at=past)
    BatchChunk.objects.update(claimed_at=past)


def test_an_upload_is_refused_with_a_time_to_try_again(
    alice: User, api: ApiClientFor, upload: UploadFor, disk: Disk
) -> None:
    disk.full = True
    form = {"file": sent(table(some_rows(2))), "model": "catboost"}
    answer = api(alice).post("/api/v1/batches/", form, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (507, "insufficient_storage")
    assert answer["Retry-After"] == "300"
    assert not Batch.objects.exists()
    with pytest.raises(StorageFull):
        upload(alice)


def test_a_file_that_cannot_be_checked_waits(
    alice: User, upload: UploadFor, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    batch = upload(alice)
    disk.full = True
    for _time in range(5):
        scoring.step()
        later()
    assert (now(batch).status, now(batch).attempts) == ("validating", 0)
    disk.full = False
    score_all()
    assert now(batch).status == "quoted"


def test_a_folder_that_is_away_is_like_a_full_disk(
    alice: User, api: ApiClientFor, upload: UploadFor, own_files: Path
) -> None:
    """As when a network share is lost: nobody meets an unexpected error."""
    batch = upload(alice)
    gone = own_files.with_name("gone")
    own_files.rename(gone)
    own_files.touch()
    form = {"file": sent(table(some_rows(2))), "model": "catboost"}
    answer = api(alice).post("/api/v1/batches/", form, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (507, "insufficient_storage")
    assert answer["Retry-After"] == "300"
    assert list(Batch.objects.all()) == [batch]
    own_files.unlink()
    gone.rename(own_files)
    form["file"] = sent(table(some_rows(2)))
    assert api(alice).post("/api/v1/batches/", form, format="multipart").status_code == 201


def test_a_file_is_canceled_though_its_folder_is_away(
    alice: User, api: ApiClientFor, upload: UploadFor, own_files: Path
) -> None:
    """Its rows are deleted later."""
    batch = upload(alice)
    gone = own_files.with_name("gone")
    own_files.rename(gone)
    own_files.touch()
    answer = api(alice).post(f"/api/v1/batches/{batch.pk}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    own_files.unlink()
    gone.rename(own_files)
    assert stored_files(own_files)
    Batch.objects.update(finished_at=timezone.now() - timedelta(days=2))
    settling.clean()
    assert stored_files(own_files) == []


def test_what_was_paid_waits_for_room(alice: User, paid: UploadFor, disk: Disk) -> None:
    batch = paid(alice)
    disk.full = True
    for _time in range(5):
        assert scoring.step()
        assert not scoring.step(), "it is not tried again at once"
        later()
    assert (now(batch).status, BatchChunk.objects.get().attempts) == ("running", 0)
    disk.full = False
    score_all()
    assert (now(batch).status, now(batch).done, wallet_of(alice).balance) == ("completed", 3, 0)


@contextmanager
def nothing_larger_than(size: int) -> Iterator[None]:
    """The system lets this process write no larger file, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_half_file_is_left(own_files: Path, caplog: pytest.LogCaptureFixture) -> None:
    pk = uuid.uuid4()
    with nothing_larger_than(1_000), pytest.raises(StorageFull):
        store.save(pk, "half", b"x" * 5_000)
    assert stored_files(own_files) == []
    assert "a file cannot be stored: File too large" in caplog.text
    store.save(pk, "whole", b"x" * 5_000)
    assert stored_files(own_files) == [f"{pk}/whole"]


def test_the_page_says_when_to_try_again(alices: Client, own_files: Path, disk: Disk) -> None:
    disk.full = True
    form = {"file": sent(table(some_rows(2))), "model": "catboost"}
    for language, text in (
        ("en", "We cannot store files right now. Nothing was charged."),
        ("ru", "Сейчас мы не можем сохранить файл. Деньги не списаны."),
    ):
        answer = alices.post(reverse("predictions:batch-new"), form, headers={"Accept-Language": language})
        assert (answer.status_code, answer["Retry-After"]) == (507, "300")
        assert text in answer.content.decode().replace("\u00a0", " ")
        form["file"] = sent(table(some_rows(2)))
