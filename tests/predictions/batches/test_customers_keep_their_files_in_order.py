"""Files are found by status, model and label, renamed, and deleted before their retention time."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.batches import scoring
from predictions.models import Batch
from predictions.orders.batches import NotQuoted, confirm_batch, requote_batch
from tests.support.batches import UploadFor, now, score_all, stored_files
from tests.support.page_checks import assert_usable
from tests.support.people import ApiClientFor
from tests.support.scored_files import some_rows

LIST = reverse("predictions:batches")
ROWS = some_rows(6)

pytestmark = pytest.mark.usefixtures("small_chunks")


@pytest.fixture
def client(alice: User, api: ApiClientFor) -> APIClient:
    return api(alice)


@pytest.fixture
def three(alice: User, upload: UploadFor, paid: UploadFor) -> None:
    upload(alice, label="Ёлка Monday", name="north.csv")
    upload(alice, model="catboost", name="South 100%.csv")
    paid(alice, label="Tuesday")


def found(client: APIClient, **query: str) -> list[str]:
    rows = client.get("/api/v1/batches/", query).json()["results"]
    return sorted(row["label"] or row["file_name"] for row in rows)


@pytest.mark.usefixtures("three")
def test_the_api_finds_them(client: APIClient, bob: User, api: ApiClientFor) -> None:
    assert len(found(client)) == 3
    assert found(client, status="queued") == ["Tuesday"]
    assert found(client, status="quoted", model="catboost") == ["South 100%.csv"]
    assert found(client, label="елка") == ["Ёлка Monday"]
    assert found(client, label="NORTH") == ["Ёлка Monday"], "by the name, too"
    assert found(client, label="100%") == ["South 100%.csv"]
    assert found(client, label="1_0") == []
    assert found(client, status="", model="", label="") == found(client)
    assert client.get("/api/v1/batches/", {"status": "nonsense"}).status_code == 422
    assert found(api(bob)) == []


@pytest.mark.usefixtures("three")
def test_the_page_finds_them(alices: Client) -> None:
    for query, titles in (
        ({"label": "monday"}, ["Ёлка Monday"]),
        ({"status": "queued"}, ["Tuesday"]),
        ({"model": "catboost"}, ["South 100%.csv"]),
        ({"status": "nonsense"}, ["Ёлка Monday", "South 100%.csv", "Tuesday"]),
    ):
        page = alices.get(LIST, query)
        assert_usable(page)
        text = page.content.decode()
        shown = [title for title in ("Ёлка Monday", "South 100%.csv", "Tuesday") if title in text]
        assert shown == titles
    empty = alices.get(LIST, {"label": "nothing has this"}).content.decode()
    assert "No files match this filter." in empty
    assert "No files yet" not in empty


def test_a_label_is_changed_by_the_api(client: APIClient, alice: User, upload: UploadFor) -> None:
    batch = upload(alice, label="old")
    address = f"/api/v1/batches/{batch.pk}/"
    assert client.patch(address, {"label": " new "}, format="json").json()["label"] == "new"
    assert (found(client, label="new"), found(client, label="old")) == (["new"], [])
    assert client.patch(address, {"label": ""}, format="json").json()["label"] == ""
    assert client.patch(address, {"label": "x" * 101}, format="json").status_code == 422
    assert client.patch(address, {"status": "completed"}, format="json").status_code == 422


def test_a_label_is_changed_on_the_page(alices: Client, alice: User, upload: UploadFor) -> None:
    batch = upload(alice)
    address = reverse("predictions:batch-label", args=[batch.pk])
    page = alices.post(address, {"label": "new"}, follow=True)
    assert "Label saved." in page.content.decode()
    assert now(batch).label == "new"
    refused = alices.post(address, {"label": "a\tb"})
    assert refused.status_code == 422
    assert_usable(refused)


def ended(alice: User, upload: UploadFor, paid: UploadFor, end: str) -> Batch:
    if end == "quoted":
        return upload(alice, ROWS)
    if end == "failed":
        return upload(alice, [["x"]])
    batch = paid(alice, ROWS)
    if end == "completed":
        score_all()
    else:
        scoring.step()
    return now(batch)


@pytest.mark.parametrize("end", ["quoted", "failed", "completed"])
def test_what_is_in_a_file_is_deleted(
    client: APIClient, alice: User, upload: UploadFor, paid: UploadFor, own_files: Path, end: str
) -> None:
    batch = ended(alice, upload, paid, end)
    assert batch.status == end
    entries = Entry.objects.count()
    address = f"/api/v1/batches/{batch.pk}/"
    answers = [client.delete(address).status_code for _time in range(2)]
    assert answers == [204, 204]
    body = client.get(address).json()
    assert body["status"] == ("canceled" if end == "quoted" else end)
    assert body["files_deleted_at"]
    assert (body["results_url"], body["errors_url"]) == (None, None)
    assert client.get(f"{address}results.csv").json()["code"] == "files_deleted"
    assert stored_files(own_files) == []
    assert mentions(Batch.objects.values_list("preview", "shape", "summary").get()) == []
    assert (body["rows"], Entry.objects.count()) == (batch.rows, entries)
    with pytest.raises(NotQuoted):
        requote_batch(batch)
    call_command("check_ledger")


def mentions(stored: Sequence[object]) -> list[object]:
    """What of the rows is still stored: each is called loan and a number."""
    return [part for part in stored if "loan " in str(part)]


def test_the_summary_forgets_what_the_rows_are_called(alice: User, alices: Client, paid: UploadFor) -> None:
    batch = paid(alice, some_rows(10))
    score_all()
    assert mentions([now(batch).summary])
    page = reverse("predictions:batch", args=[batch.pk])
    done = alices.post(reverse("predictions:batch-delete", args=[batch.pk]), follow=True)
    assert_usable(done)
    text = done.content.decode()
    assert "The rows and the results of the file are deleted." in text
    assert "Delete for good" not in text
    assert not re.search(r"loan \d", alices.get(page).content.decode())
    assert "Line 2" in alices.get(page).content.decode()


@pytest.mark.parametrize("begun", [True, False])
def test_what_is_worked_on_is_not_deleted(
    client: APIClient, alices: Client, alice: User, paid: UploadFor, begun: bool
) -> None:
    batch = paid(alice, ROWS)
    if begun:
        scoring.step()
    refused = client.delete(f"/api/v1/batches/{batch.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "file_in_progress")
    page = alices.post(reverse("predictions:batch-delete", args=[batch.pk]), follow=True).content.decode()
    assert "The file is in progress." in page
    assert "Delete for good" not in page
    score_all()
    assert (now(batch).status, now(batch).done) == ("completed", 6)


def test_nobody_else_can(alice: User, bob: User, api: ApiClientFor, upload: UploadFor) -> None:
    address = f"/api/v1/batches/{upload(alice).pk}/"
    assert api(bob).delete(address).status_code == 404
    assert api(bob).patch(address, {"label": "x"}, format="json").status_code == 404


def test_a_payment_and_a_deletion_exclude_each_other(
    alice: User, upload: UploadFor, client: APIClient
) -> None:
    batch = upload(alice, ROWS)
    client.delete(f"/api/v1/batches/{batch.pk}/")
    with pytest.raises(NotQuoted):
        confirm_batch(batch)
    assert not Entry.objects.filter(kind="charge").exists()
