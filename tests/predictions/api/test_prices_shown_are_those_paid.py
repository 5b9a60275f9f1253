import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from predictions.models import ScoringModel
from predictions.scoring.schema import Applicant
from tests.support.people import ApiClientFor, give_money


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


def change_prices(settings: Settings) -> None:
    ScoringModel.objects.update(price=77_00)
    settings.COMPARISON_DISCOUNT_PERCENT = 50


def test_a_prediction_keeps_its_price(client: APIClient, applicant: Applicant, settings: Settings) -> None:
    order = {"model": "logistic-regression", "applicant": applicant}
    address = client.post("/api/v1/predictions/", order, format="json")["Location"]
    change_prices(settings)
    assert client.get("/api/v1/models/logistic-regression/").json()["price"] == "77.00"
    assert client.get(address).json()["price"] == "10.00"
    [listed] = client.get("/api/v1/predictions/").json()["results"]
    assert listed["price"] == "10.00"
    canceled = client.post(f"{address}cancel/").json()
    assert (canceled["price"], canceled["charge"]["state"]) == ("10.00", "refunded")
    assert client.get("/api/v1/balance/").json()["balance"] == "1000.00"


def test_a_comparison_keeps_its_price_and_discount(
    client: APIClient, applicant: Applicant, settings: Settings
) -> None:
    address = client.post("/api/v1/comparisons/", {"applicant": applicant}, format="json")["Location"]
    change_prices(settings)
    shown = client.get(address).json()
    assert (shown["price"], shown["discount_percent"]) == ("128.00", 20)
    assert [part["price"] for part in shown["predictions"]] == ["8.00", "40.00", "80.00"]
