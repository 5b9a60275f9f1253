"""A model that was trained before a purpose was added does not sell it: 422 at the field, nothing charged."""

import uuid
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing import services
from billing.models import Entry
from predictions import catalog as offered
from predictions.jobs.worker import score_queued
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import EXAMPLE, Applicant
from tests.support.changed_schema import Fields, artifacts_with, named
from tests.support.people import ApiClientFor

SLUG = "random-forest"
TEXT = "This model was not trained on this value. Choose another model."
MEDICAL = {"loan_intent": "MEDICAL"}
UNSUPPORTED = [{"field": "loan_intent", "code": "not_supported_by_model", "detail": TEXT}]


def forget_medical(fields: Fields) -> None:
    named(fields, "loan_intent")["choices"].remove("MEDICAL")


def must_know_the_rate(fields: Fields) -> None:
    named(fields, "loan_int_rate")["nullable"] = False


@pytest.fixture
def buyer(alice: User, catalog: None) -> User:
    services.top_up(user=alice, amount=1000_00, request_key=services.new_request_key())
    return alice


@pytest.fixture
def old_model(settings: Settings, tmp_path: Path) -> None:
    settings.ARTIFACTS_DIR = artifacts_with(tmp_path / "artifacts", SLUG, forget_medical)


@pytest.fixture
def bought(buyer: User, applicant: Applicant, settings: Settings, tmp_path: Path) -> Prediction:
    """A result of a model that must know the interest rate."""
    settings.ARTIFACTS_DIR = artifacts_with(tmp_path / "artifacts", SLUG, must_know_the_rate)
    model = ScoringModel.objects.get(slug=SLUG)
    order = order_prediction(user=buyer, model=model, applicant=applicant, request_key=str(uuid.uuid4()))
    score_queued()
    found = Prediction.objects.get(pk=order.prediction.pk)
    assert found.status == Prediction.Status.SUCCEEDED
    return found


def assert_nothing_sold() -> None:
    assert not Prediction.objects.exists()
    assert not Entry.objects.filter(kind="charge").exists()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_api_names_the_field(
    buyer: User, api: ApiClientFor, old_model: None, applicant: Applicant, language: str
) -> None:
    body = {"model": SLUG, "applicant": applicant | MEDICAL}
    headers = {"Accept-Language": language, "Idempotency-Key": "once"}
    answer = api(buyer).post("/api/v1/predictions/", body, format="json", headers=headers)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "validation_error"
    text = TEXT if language == "en" else "Модель не\xa0обучена на\xa0этом значении. Выберите другую модель."
    assert problem["errors"] == [UNSUPPORTED[0] | {"detail": text}]
    assert_nothing_sold()
    again = api(buyer).post(
        "/api/v1/predictions/", body | {"model": "catboost"}, format="json", headers=headers
    )
    assert again.status_code == 202


def test_the_api_sells_what_the_model_knows(
    buyer: User, api: ApiClientFor, old_model: None, applicant: Applicant
) -> None:
    body = {"model": SLUG, "applicant": applicant | {"loan_intent": "VENTURE"}}
    assert api(buyer).post("/api/v1/predictions/", body, format="json").status_code == 202


def test_the_page_says_it_beside_the_field(
    buyer: User, client: Client, old_model: None, applicant: Applicant
) -> None:
    client.force_login(buyer)
    form = {**EXAMPLE, **MEDICAL, "model": SLUG, "request_key": services.new_request_key()}
    answer = client.post(reverse("predictions:new"), form)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"loan_intent": [TEXT]}
    assert TEXT in answer.content.decode()
    assert_nothing_sold()


def test_a_comparison_is_refused_as_a_whole(
    buyer: User, client: Client, api: ApiClientFor, old_model: None, applicant: Applicant
) -> None:
    body = {"applicant": applicant | MEDICAL}
    answer = api(buyer).post("/api/v1/comparisons/", body, format="json")
    assert (answer.status_code, answer.json()["errors"]) == (422, UNSUPPORTED)
    client.force_login(buyer)
    form = {**EXAMPLE, **MEDICAL, "request_key": services.new_request_key()}
    page = client.post(reverse("predictions:comparison-new"), form)
    assert (page.status_code, page.context["form"].errors) == (422, {"loan_intent": [TEXT]})
    assert_nothing_sold()


def test_what_if_says_it_beside_the_field(bought: Prediction, buyer: User, client: Client) -> None:
    client.force_login(buyer)
    answer = client.post(reverse("predictions:what-if", args=[bought.pk]), {"loan_int_rate": ""})
    assert answer.status_code == 422
    assert answer.context["what_if"]["form"].errors == {"loan_int_rate": [TEXT]}
    assert TEXT in answer.content.decode()


def test_what_if_of_the_api_names_the_field(bought: Prediction, buyer: User, api: ApiClientFor) -> None:
    body = {"changes": {"loan_int_rate": None}}
    answer = api(buyer).post(f"/api/v1/predictions/{bought.pk}/what-if/", body, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "loan_int_rate", "code": "not_supported_by_model", "detail": TEXT}
    ]


def test_a_model_with_a_foreign_field_is_not_on_sale(
    catalog: None, settings: Settings, tmp_path: Path
) -> None:
    foreign = {"name": "shoe_size", "kind": "number", "nullable": False, "integer": True}
    settings.ARTIFACTS_DIR = artifacts_with(
        tmp_path / "artifacts", SLUG, lambda fields: fields.append(dict(foreign))
    )
    model = ScoringModel.objects.get(slug=SLUG)
    assert offered.offer_of(model).version is None
    assert "shoe_size" in offered.problem_of(model)
    with pytest.raises(offered.ModelUnavailable):
        offered.artifact_for_sale(model)
