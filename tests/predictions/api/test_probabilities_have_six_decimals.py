"""Probabilities are rounded where they leave the service, and still add up to 1."""

import json
import re

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from predictions.api.serializers import DefaultProbabilityField, ProbabilityField
from predictions.models import Prediction
from predictions.results import explanations
from predictions.scoring.cells import probability_texts
from predictions.scoring.schema import Applicant
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor

NUMBERS = re.compile(r'"(?:approval|default)_probability": ?([-0-9.eE]+)')


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    return api(alice)


@pytest.mark.parametrize(
    ("stored", "approval", "default"),
    [
        (0.0013119999999999798, 0.001312, 0.998688),
        (0.1 + 0.2, 0.3, 0.7),
        (0.9999999999, 1.0, 0.0),
        (1e-12, 0.0, 1.0),
        (0.5000005000001, 0.500001, 0.499999),
    ],
)
def test_of_a_prediction(
    client: APIClient, result: ResultFor, stored: float, approval: float, default: float
) -> None:
    pk = result().pk
    Prediction.objects.filter(pk=pk).update(approval_probability=stored)
    shown = client.get(f"/api/v1/predictions/{pk}/").json()
    assert (shown["approval_probability"], shown["default_probability"]) == (approval, default)
    assert shown["approval_probability"] + shown["default_probability"] == 1
    assert client.get("/api/v1/predictions/").json()["results"][0] == shown


@pytest.mark.parametrize("stored", [0.0000005, 0.0000015, 0.1234565, 0.9999995, 1e-300, 0.5, 1.0, 0.0])
def test_the_api_and_files_give_the_same_number(stored: float) -> None:
    shown = (
        ProbabilityField().to_representation(stored),
        DefaultProbabilityField().to_representation(stored),
    )
    assert shown == tuple(map(float, probability_texts(stored)))


def test_of_what_is_worked_out_from_it(client: APIClient, result: ResultFor, applicant: Applicant) -> None:
    address = f"/api/v1/predictions/{result().pk}"
    answers = [
        client.post(f"{address}/what-if/", {"changes": {"loan_amnt": 7000}, "goal": 0.5}, format="json"),
        client.get(f"{address}/curve/?field=loan_amnt"),
        client.post(f"{address}/check/"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        found = NUMBERS.findall(json.dumps(answer.json()))
        assert found
        assert [number for number in found if round(float(number), 6) != float(number)] == []


def test_not_of_an_explanation_whose_parts_must_add_up(client: APIClient, result: ResultFor) -> None:
    prediction = result()
    explanations.explain_and_store([prediction])
    answer = client.get(f"/api/v1/predictions/{prediction.pk}/explanation/").json()
    total = answer["base"] + sum(part["contribution"] for part in answer["contributions"])
    assert total == pytest.approx(answer["approval_probability"], abs=1e-12)
    assert answer["approval_probability"] == prediction.approval_probability
    parts = [part["contribution"] for part in answer["contributions"]]
    assert [part for part in parts if part and abs(part) < 1e-15] == []
