"""What programs write in another way and mean alike: slashes, ids, preferences, tokens where none is read."""

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.scoring.schema import Applicant
from tests.support.api_routes import Route, routes
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor, give_money
from tests.support.processes import Worker

WRITING = [route for route in routes() if route.method != "GET"]


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_a_request_without_its_last_slash_stays_what_it_is(
    client: APIClient, result: ResultFor, route: Route
) -> None:
    address = route.path(result().pk)
    answer = client.generic(route.method, address.rstrip("/"), "{}", content_type="application/json")
    assert (answer.status_code, answer["Location"]) == (308, address)


def test_a_form_without_its_last_slash_stays_a_post(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    assert browser.post("/wallet/top-up", {"amount": "5"}).status_code == 308
    assert browser.get("/wallet/top-up").status_code == 301


def test_a_client_that_follows_redirects_pays_once(client: APIClient) -> None:
    answer = client.post("/api/v1/top-ups?", {"amount": "5.00"}, format="json", follow=True)
    assert (answer.status_code, answer.json()["amount"]) == (201, "5.00")
    assert Entry.objects.filter(amount=5_00).count() == 1


def test_the_way_to_https_stays_a_post(client: APIClient, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = APIClient().post("/api/v1/top-ups/", {"amount": "5.00"}, format="json")
    assert (answer.status_code, answer["Location"]) == (308, "https://testserver/api/v1/top-ups/")


def test_an_id_may_be_in_capitals(client: APIClient, result: ResultFor) -> None:
    prediction = result()
    for text in (str(prediction.pk).upper(), str(prediction.pk).title()):
        assert client.get(f"/api/v1/predictions/{text}/").json()["id"] == str(prediction.pk)
    assert client.post(f"/api/v1/predictions/{text}/check/").json()["same"] is True


def test_a_page_has_its_id_in_capitals_too(alice: User, result: ResultFor) -> None:
    browser = Client()
    browser.force_login(alice)
    assert browser.get(f"/predictions/{str(result().pk).upper()}/").status_code == 200


@pytest.mark.parametrize(
    "pk",
    ["x", "1", "00000000000000000000000000000000", "{00000000-0000-0000-0000-000000000000}", "%00", "g" * 36],
)
def test_what_is_no_id_is_not_there(client: APIClient, pk: str) -> None:
    answer = client.get(f"/api/v1/predictions/{pk}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "bearer x", "Bearer a b c", "Basic eDp5", "Token x", "é", "x" * 5000],
)
@pytest.mark.parametrize("path", ["models/", "models/catboost/", "schema/"])
def test_public_addresses_do_not_read_tokens(catalog: None, path: str, header: str) -> None:
    answer = APIClient().get(f"/api/v1/{path}", headers={"Authorization": header})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "prefer",
    [
        *("wait=1", "WAIT=1", "Wait = 1", 'wait="1"', "respond-async, wait=1", "wait=1; strict", "wait=1,"),
        *("handling=lenient;x=1, wait=1", "  wait=1  ", "wait=1, wait=0"),
    ],
)
def test_a_preference_ignores_case(client: APIClient, applicant: Applicant, prefer: str) -> None:
    order = {"model": "logistic-regression", "applicant": applicant}
    answer = client.post("/api/v1/predictions/", order, format="json", headers={"Prefer": prefer})
    assert (answer.status_code, answer["Preference-Applied"]) == (202, "wait=1")


def test_nobody_waits_for_more_than_ten_seconds(
    client: APIClient, applicant: Applicant, worker: Worker
) -> None:
    order = {"model": "logistic-regression", "applicant": applicant}
    answer = client.post("/api/v1/predictions/", order, format="json", headers={"Prefer": "wait=99999999"})
    assert (answer.status_code, answer["Preference-Applied"]) == (201, "wait=10")


@pytest.mark.parametrize(
    "prefer", ["", "wait", "wait=", "wait=x", "wait=-1", "wait=1.5", "await=5", "wait=٥", "wait=0"]
)
def test_another_preference_is_no_wait(client: APIClient, applicant: Applicant, prefer: str) -> None:
    order = {"model": "logistic-regression", "applicant": applicant}
    headers = {"Prefer": prefer.encode().decode("latin-1")}
    answer = client.post("/api/v1/predictions/", order, format="json", headers=headers)
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer
