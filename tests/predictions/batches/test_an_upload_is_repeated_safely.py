"""A repeated upload makes no second quote: by the key of a program, and by the form of a page."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import IdempotencyRecord
from billing.services import RequestKeyReused
from predictions.models import Batch
from predictions.orders.batches import cancel_batch
from tests.support.batches import UploadFor, now, sent, stored_files, table
from tests.support.people import Answer, ApiClientFor
from tests.support.scored_files import some_rows

ROWS = some_rows(3)
KEY = {"Idempotency-Key": "monday"}
FORM = reverse("predictions:batch-new") + "?form=0f1de5a2-6c0b-4f0e-9d53-0a4ac1c5b7d1"

pytestmark = pytest.mark.usefixtures("catalog", "own_files")


def post(
    api: ApiClientFor, user: User, rows: list[list[str]] = ROWS, more: dict[str, str] | None = None
) -> Answer:
    form = {"file": sent(table(rows)), "model": "logistic-regression", **(more or {})}
    return api(user).post("/api/v1/batches/", form, format="multipart", headers=KEY)


def test_the_same_key_and_file_are_one_batch(alice: User, api: ApiClientFor, own_files: Path) -> None:
    first, again = post(api, alice), post(api, alice)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert Batch.objects.count() == 1
    assert len({name.split("/")[0] for name in stored_files(own_files)}) == 1


def test_also_when_the_answer_was_never_stored(alice: User, api: ApiClientFor) -> None:
    first = post(api, alice)
    # The web server has died after the upload.
    IdempotencyRecord.objects.all().delete()
    again = post(api, alice)
    assert (again.json()["id"], again["Idempotent-Replayed"]) == (first.json()["id"], "true")
    IdempotencyRecord.objects.all().delete()
    assert post(api, alice, some_rows(4)).status_code == 422


@pytest.mark.parametrize("more", [{"label": "x"}, {"reasons": "1"}, {"model": "catboost"}])
def test_the_key_with_another_field_is_refused(alice: User, api: ApiClientFor, more: dict[str, str]) -> None:
    post(api, alice)
    refused = post(api, alice, more=more)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_the_key_with_another_file_is_refused(alice: User, api: ApiClientFor) -> None:
    post(api, alice)
    refused = post(api, alice, some_rows(4))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert Batch.objects.count() == 1


def test_a_key_is_one_customers(alice: User, bob: User, api: ApiClientFor) -> None:
    assert post(api, alice).json()["id"] != post(api, bob).json()["id"]


def test_a_second_click_on_the_page_makes_no_second_file(alices: Client) -> None:
    def send(rows: list[list[str]]) -> str:
        answer = alices.post(FORM, {"file": sent(table(rows)), "model": "logistic-regression"})
        assert answer.status_code == 302
        return answer["Location"]

    first = send(ROWS)
    assert send(ROWS) == first
    assert send(some_rows(4)) != first, "another file, chosen after going back"
    cancel_batch(Batch.objects.earliest("created_at"))
    assert send(ROWS) != first, "what was canceled can be sent again"
    assert Batch.objects.count() == 3


def test_the_form_has_its_key_in_its_address(alices: Client) -> None:
    answer = alices.get(reverse("predictions:batch-new") + "?model=catboost")
    assert "form=" in answer["Location"]
    assert "model=catboost" in answer["Location"]


@pytest.mark.django_db(transaction=True)
def test_parallel_uploads_with_a_key_make_one(alice: User, upload: UploadFor, own_files: Path) -> None:
    def send(_number: int) -> object:
        try:
            return upload(alice, upload_key="k").pk
        except RequestKeyReused:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(send, range(4)))
    assert len(made) == Batch.objects.count() == 1
    batch = now(Batch.objects.get())
    assert {name.split("/")[0] for name in stored_files(own_files)} == {str(batch.pk)}
