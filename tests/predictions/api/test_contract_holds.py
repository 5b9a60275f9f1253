"""Paths, fields and codes that outside programs rely on."""

import re
import uuid
from datetime import datetime

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from predictions.jobs.worker import score_queued
from predictions.scoring.schema import FIELD_NAMES, Applicant
from tests.support.people import PASSWORD, ApiClientFor, give_money
from tests.support.processes import Worker

MONEY = re.compile(r"-?\d+\.\d\d")


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


def buy(
    client: APIClient, applicant: Applicant, model: str = "random-forest", wait: int = 0
) -> dict[str, object]:
    headers = {"Prefer": f"wait={wait}"} if wait else {}
    answer = client.post(
        "/api/v1/predictions/", {"model": model, "applicant": applicant}, format="json", headers=headers
    )
    assert answer.status_code == (201 if wait else 202)
    assert answer["Location"].endswith(f"/api/v1/predictions/{answer.json()['id']}/")
    prediction: dict[str, object] = answer.json()
    return prediction


def test_a_customers_way(catalog: None) -> None:
    client = APIClient()
    person = {"username": "carol", "email": "carol@example.org", "password": PASSWORD}
    registered = client.post("/api/v1/auth/register/", person, format="json")
    assert registered.status_code == 201
    assert registered.json().keys() == {"id", "username", "email"}
    pair = client.post(
        "/api/v1/auth/token/", {"username": "carol", "password": PASSWORD}, format="json"
    ).json()
    assert pair.keys() == {"access", "refresh"}
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    me = client.get("/api/v1/me/").json()
    assert me == registered.json() | {"balance": "0.00", "currency": "USD"}
    assert client.get("/api/v1/balance/").json() == {"balance": "0.00", "currency": "USD"}


def test_a_wrong_password_is_401_and_never_403(alice: User) -> None:
    credentials = {"username": "alice", "password": "wrong"}
    answer = APIClient().post("/api/v1/auth/token/", credentials, format="json")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_catalog_is_public_and_speaks_two_languages(catalog: None) -> None:
    english = APIClient().get("/api/v1/models/", headers={"Accept-Language": "en"}).json()
    russian = APIClient().get("/api/v1/models/", headers={"Accept-Language": "ru"}).json()
    assert english.keys() == {"next", "previous", "results"}
    prices = {model["slug"]: model["price"] for model in english["results"]}
    assert prices == {"logistic-regression": "10.00", "random-forest": "50.00", "catboost": "100.00"}
    for model, translated in zip(english["results"], russian["results"], strict=True):
        assert model.keys() == {"slug", "name", "description", "price", "currency", "version", "metrics"}
        assert 0.8 < model["metrics"]["roc_auc"] < 1
        assert model["description"] != translated["description"]
        alone = APIClient().get(f"/api/v1/models/{model['slug']}/", headers={"Accept-Language": "en"}).json()
        assert alone == model


def test_a_prediction_from_order_to_result(client: APIClient, applicant: Applicant) -> None:
    ordered = buy(client, applicant)
    assert ordered.keys() >= {
        *(
            "id",
            "model",
            "model_version",
            "status",
            "applicant",
            "approval_probability",
            "default_probability",
        ),
        *("price", "currency", "charge", "created_at", "finished_at", "failure"),
    }
    assert (ordered["status"], ordered["approval_probability"], ordered["default_probability"]) == (
        "queued",
        None,
        None,
    )
    assert ordered["charge"].keys() == {"entry_id", "state"}  # type: ignore[attr-defined]
    assert ordered["charge"]["state"] == "charged"  # type: ignore[index]
    assert uuid.UUID(str(ordered["id"]))
    assert list(ordered["applicant"]) == list(FIELD_NAMES)  # type: ignore[call-overload]
    score_queued()
    done = client.get(f"/api/v1/predictions/{ordered['id']}/").json()
    assert done["status"] == "succeeded"
    assert done["approval_probability"] + done["default_probability"] == pytest.approx(1, abs=1e-12)
    assert done["failure"] is None
    for time in (done["created_at"], done["finished_at"]):
        assert time.endswith("Z")
        assert datetime.fromisoformat(time).tzinfo


def test_the_share_of_income_may_be_given_or_left_out(client: APIClient, applicant: Applicant) -> None:
    exact = applicant.pop("loan_percent_income")
    assert buy(client, applicant)["applicant"]["loan_percent_income"] == exact  # type: ignore[index]
    rounded = buy(client, applicant | {"loan_percent_income": 0.13})
    assert rounded["applicant"]["loan_percent_income"] == exact  # type: ignore[index]


@pytest.mark.parametrize("unknown", ["person_emp_length", "loan_int_rate"])
@pytest.mark.parametrize("model", ["logistic-regression", "random-forest", "catboost"])
def test_an_unknown_value_is_scored(
    client: APIClient, applicant: Applicant, model: str, unknown: str
) -> None:
    ordered = buy(client, applicant | {unknown: None}, model)
    score_queued()
    assert client.get(f"/api/v1/predictions/{ordered['id']}/").json()["status"] == "succeeded"


def test_a_value_outside_the_training_range_is_scored_with_a_warning(
    client: APIClient, applicant: Applicant
) -> None:
    assert buy(client, applicant)["warnings"] == []
    ordered = buy(client, applicant | {"person_age": 95})
    assert [warning["field"] for warning in ordered["warnings"]] == ["person_age"]  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_prefer_wait_answers_with_the_result(client: APIClient, applicant: Applicant, worker: Worker) -> None:
    assert buy(client, applicant, wait=10)["status"] == "succeeded"


def test_transactions_are_entries_newest_first(client: APIClient, applicant: Applicant) -> None:
    buy(client, applicant)
    page = client.get("/api/v1/transactions/").json()
    assert page.keys() == {"next", "previous", "results"}
    charge, top_up = page["results"]
    assert (charge["kind"], charge["amount"], charge["balance_after"]) == ("charge", "-50.00", "950.00")
    assert (top_up["kind"], top_up["amount"]) == ("top_up", "1000.00")
    assert all(MONEY.fullmatch(entry["amount"]) for entry in page["results"])
    only = client.get("/api/v1/transactions/?kind=charge").json()["results"]
    assert only == [charge]


def test_somebody_elses_things_are_not_there(
    client: APIClient, bob: User, api: ApiClientFor, applicant: Applicant
) -> None:
    ordered = buy(client, applicant)
    assert api(bob).get(f"/api/v1/predictions/{ordered['id']}/").status_code == 404
    assert api(bob).get("/api/v1/predictions/").json()["results"] == []
    assert api(bob).get("/api/v1/transactions/").json()["results"] == []


def test_the_history_filters(client: APIClient, applicant: Applicant) -> None:
    buy(client, applicant, "random-forest")
    score_queued()
    buy(client, applicant, "catboost")
    for query, models in (
        ("", ["catboost", "random-forest"]),
        ("?status=queued", ["catboost"]),
        ("?model=random-forest", ["random-forest"]),
        ("?status=queued&model=random-forest", []),
        ("?status=", ["catboost", "random-forest"]),
    ):
        results = client.get(f"/api/v1/predictions/{query}").json()["results"]
        assert [prediction["model"] for prediction in results] == models
