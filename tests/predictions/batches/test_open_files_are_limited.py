"""The limit of open files holds for parallel uploads, and for quotes that are renewed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions.batches import settling, store
from predictions.models import Batch
from predictions.orders.batches import requote_batch
from predictions.orders.uploads import TooManyOpenFiles
from tests.support.batches import UploadFor, now, stored_files
from tests.support.people import ApiClientFor


@pytest.mark.django_db(transaction=True)
def test_parallel_uploads_do_not_pass_it(
    alice: User, upload: UploadFor, settings: Settings, own_files: Path
) -> None:
    settings.OPEN_FILES = 2

    def send(_number: int) -> bool:
        try:
            upload(alice)
        except TooManyOpenFiles:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(send, range(6)))
    assert (sum(taken), Batch.objects.count()) == (2, 2)
    assert len({name.split("/")[0] for name in stored_files(own_files)}) == 2, "nothing is left of the others"


@pytest.mark.django_db(transaction=True)
def test_an_upload_delays_no_other_customer(
    alice: User, bob: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    began, may_end = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                User.objects.select_for_update(no_key=True).get(pk=alice.pk)
                began.set()
                assert may_end.wait(120)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert began.wait(120)
        try:
            assert upload(bob).status == "quoted"
        finally:
            may_end.set()
        holding.result()


def test_a_renewed_quote_is_counted(
    alice: User, alices: Client, api: ApiClientFor, upload: UploadFor, settings: Settings
) -> None:
    batch = upload(alice)
    Batch.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    settling.settle()
    settings.OPEN_FILES = 1
    upload(alice)
    with pytest.raises(TooManyOpenFiles):
        requote_batch(batch)
    answer = api(alice).post(f"/api/v1/batches/{batch.pk}/quote/")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_open_files")
    page = alices.post(reverse("predictions:batch-quote", args=[batch.pk]), follow=True)
    assert "Too many files are open." in page.content.decode()
    assert now(batch).status == "expired"
    assert store.read(now(batch).chunks.get().source)


def test_a_quote_that_stands_is_renewed_at_the_limit(
    alice: User, upload: UploadFor, settings: Settings
) -> None:
    batch = upload(alice)
    settings.OPEN_FILES = 1
    assert requote_batch(batch).status == "quoted"
