"""The contract of files: upload, quote, confirm, progress, results."""

import csv
import io

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.batches import scoring
from tests.support.batches import BAD, score_all, sent, table
from tests.support.people import Answer, ApiClientFor, give_money
from tests.support.scored_files import some_rows

ROWS = some_rows(3)
FIELDS = {
    *("id", "model", "model_version", "label", "status", "rows", "valid_rows", "done_rows", "failed_rows"),
    *("price", "currency", "created_at", "finished_at", "errors_url", "results_url", "failure"),
}

pytestmark = pytest.mark.usefixtures("catalog", "own_files")


@pytest.fixture
def client(alice: User, api: ApiClientFor) -> APIClient:
    give_money(alice, 100_00)
    return api(alice)


def upload(client: APIClient, rows: list[list[str]] | None = None, **more: object) -> Answer:
    content = more.pop("content", None) or table(ROWS if rows is None else rows)
    form = {"file": sent(content), "model": "logistic-regression", **more}  # type: ignore[arg-type]
    return client.post("/api/v1/batches/", form, format="multipart")


def test_a_customers_way(client: APIClient, alice: User) -> None:
    answer = upload(client, [*ROWS, BAD], label="Monday")
    assert answer.status_code == 201, answer.content
    batch = answer.json()
    assert batch.keys() >= FIELDS
    address = f"/api/v1/batches/{batch['id']}/"
    assert answer["Location"].endswith(address)
    assert (batch["status"], batch["rows"], batch["valid_rows"]) == ("quoted", 4, 3)
    assert (batch["price"], batch["currency"], batch["label"]) == ("30.00", "USD", "Monday")
    assert (batch["results_url"], batch["charge"]) == (None, None)
    assert wallet_of(alice).balance == 100_00

    confirmed = client.post(f"{address}confirm/")
    assert (confirmed.status_code, confirmed.json()["status"]) == (202, "queued")
    assert wallet_of(alice).balance == 70_00
    assert client.get(f"{address}results.csv").json()["code"] == "not_finished"
    score_all()

    done = client.get(address).json()
    assert (done["status"], done["done_rows"], done["failed_rows"]) == ("completed", 3, 0)
    assert (done["charge"]["state"], done["charge"]["refunded"]) == ("charged", "0.00")
    assert done["results_url"] == f"http://testserver{address}results.csv"
    assert done["errors_url"] == f"http://testserver{address}errors.csv"
    results = client.get(done["results_url"])
    assert results["Content-Type"].startswith("text/csv")
    assert "no-store" in results["Cache-Control"]
    found = list(csv.DictReader(io.StringIO(results.getvalue().decode())))
    assert [row["id"] for row in found] == [row[0] for row in [*ROWS, BAD]]
    errors = list(csv.DictReader(io.StringIO(client.get(done["errors_url"]).getvalue().decode())))
    assert {row["line"] for row in errors} == {"5"}
    assert {row["field"] for row in errors} > {"person_age", "loan_grade"}
    assert [row["id"] for row in client.get("/api/v1/batches/").json()["results"]] == [batch["id"]]


def test_a_file_of_results_is_sent_whatever_the_client_accepts(client: APIClient) -> None:
    batch = upload(client).json()
    client.post(f"/api/v1/batches/{batch['id']}/confirm/")
    for accept in ("text/csv", "application/json", "image/png"):
        refused = client.get(f"/api/v1/batches/{batch['id']}/results.csv", headers={"Accept": accept})
        assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    score_all()
    for accept in ("text/csv", "application/json", "*/*"):
        answer = client.get(f"/api/v1/batches/{batch['id']}/results.csv", headers={"Accept": accept})
        assert answer.status_code == 200


def test_without_money_the_quote_stands(client: APIClient, alice: User, bob: User, api: ApiClientFor) -> None:
    batch = upload(api(bob)).json()
    refused = api(bob).post(f"/api/v1/batches/{batch['id']}/confirm/")
    assert (refused.status_code, refused.json()["code"], refused.json()["required"]) == (
        402,
        "insufficient_funds",
        "30.00",
    )
    give_money(bob, 30_00)
    assert api(bob).post(f"/api/v1/batches/{batch['id']}/confirm/").status_code == 202


def test_confirming_again_pays_once(client: APIClient, alice: User) -> None:
    address = f"/api/v1/batches/{upload(client).json()['id']}/confirm/"
    first = client.post(address, headers={"Idempotency-Key": "k"})
    again = client.post(address, headers={"Idempotency-Key": "k"})
    other = client.post(address, headers={"Idempotency-Key": "other"})
    assert [answer.status_code for answer in (first, again, other)] == [202] * 3
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == other["Idempotent-Replayed"] == "true"
    assert Entry.objects.filter(kind="charge").count() == 1


def test_a_key_pays_for_one_thing(client: APIClient, alice: User) -> None:
    first, second = (upload(client).json()["id"] for _number in range(2))
    headers = {"Idempotency-Key": "k"}
    assert client.post(f"/api/v1/batches/{first}/confirm/", headers=headers).status_code == 202
    refused = client.post(f"/api/v1/batches/{second}/confirm/", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert wallet_of(alice).balance == 70_00


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"name,age\nx,1\n", "unusable_file"),
        (b"", "empty"),
        ("Имя;Возраст\nя;1\n".encode("cp1251"), "unusable_file"),
        (b"\n\n\n", "unusable_file"),
    ],
)
def test_what_is_no_table_of_applicants_is_refused_at_once(
    client: APIClient, content: bytes, code: str
) -> None:
    form = {"file": sent(content), "model": "logistic-regression"}
    answer = client.post("/api/v1/batches/", form, format="multipart")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("file", code)]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"model": "nonsense"}, "model"),
        ({"reasons": "perhaps"}, "reasons"),
        ({"on_contradiction": "guess"}, "on_contradiction"),
        ({"label": "x" * 101}, "label"),
        ({"surprise": "x"}, "surprise"),
        ({"file": "not a file"}, "file"),
    ],
)
def test_bad_fields_are_named(client: APIClient, more: dict[str, str], field: str) -> None:
    form = {"file": sent(table(ROWS)), "model": "logistic-regression"} | more
    answer = client.post("/api/v1/batches/", form, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_field_that_comes_twice_is_refused(client: APIClient) -> None:
    form = {"file": sent(table(ROWS)), "model": ["logistic-regression", "catboost"]}
    answer = client.post("/api/v1/batches/", form, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_file_of_somebody_else_is_not_there(client: APIClient, bob: User, api: ApiClientFor) -> None:
    address = f"/api/v1/batches/{upload(client).json()['id']}/"
    for path in ("", "results.csv", "errors.csv"):
        assert api(bob).get(address + path).status_code == 404
    for path in ("confirm/", "cancel/", "quote/"):
        assert api(bob).post(address + path).status_code == 404
    assert client.get(address).json()["status"] == "quoted"


def test_canceling_gives_the_same_answer_again(client: APIClient, alice: User) -> None:
    address = f"/api/v1/batches/{upload(client).json()['id']}/"
    client.post(f"{address}confirm/")
    first, again = (client.post(f"{address}cancel/") for _number in range(2))
    assert [first.status_code, again.status_code] == [200, 200]
    assert first.json() == again.json()
    charge = again.json()["charge"]
    assert (again.json()["status"], charge["state"], charge["refunded"]) == ("canceled", "refunded", "30.00")
    assert wallet_of(alice).balance == 100_00
    refused = client.post(f"{address}confirm/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_quoted")


@pytest.mark.usefixtures("small_chunks")
def test_what_was_refunded_in_part_stays_charged(client: APIClient) -> None:
    address = f"/api/v1/batches/{upload(client, some_rows(6)).json()['id']}/"
    client.post(f"{address}confirm/")
    chunk = scoring.claim_chunk()
    assert chunk
    scoring.score_chunk(chunk)
    charge = client.post(f"{address}cancel/").json()["charge"]
    assert charge["state"] == "charged"
    assert charge["refunded"] == f"{60 - 10 * chunk.valid_rows}.00"


def test_what_has_completed_is_not_canceled(client: APIClient) -> None:
    address = f"/api/v1/batches/{upload(client).json()['id']}/"
    client.post(f"{address}confirm/")
    score_all()
    answer = client.post(f"{address}cancel/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")
