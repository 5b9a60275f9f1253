"""Every route of the API × every scope: what is not listed here takes no keys at all."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.models import Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from tests.support.api_routes import Route, routes
from tests.support.keys import ALL, KeyFor, program
from tests.support.orders import ResultFor
from tests.support.people import Answer, ApiClientFor, give_money

SCOPES = {
    "read": {
        *("GET me", "GET balance", "GET transactions", "GET predictions", "GET prediction"),
        *("GET comparison", "GET explanation", "GET curve", "POST check"),
        *("GET batches", "GET batch", "GET batch-results", "GET batch-errors"),
        *("GET decision-policy", "GET links", "GET prediction-document"),
    },
    "predict": {
        *("POST predictions", "PATCH prediction", "POST prediction-cancel", "POST what-if"),
        *("POST comparisons", "PATCH comparison", "POST comparison-cancel"),
        *("POST batches", "POST batch-confirm", "POST batch-quote", "POST batch-cancel"),
        *("PUT outcome", "DELETE outcome", "POST outcomes", "POST batch-outcomes"),
        *("PUT comparison-outcome", "DELETE comparison-outcome"),
        *("POST links", "DELETE link"),
        *("PATCH batch", "DELETE batch", "PUT decision-policy", "DELETE decision-policy"),
    },
    "pay": {"POST top-ups"},
}
# Anyone may call them; what they do takes a password or a refresh token, which no key is.
PUBLIC = {"register", "token", "refresh", "logout", "models", "model", "document"}
ROUTES = [route for route in routes() if route.name not in PUBLIC]


@pytest.fixture
def owned(alice: User, result: ResultFor) -> tuple[Prediction, Comparison]:
    prediction = result("logistic-regression")
    give_money(alice, 500_00)
    return prediction, order_comparison(user=alice, applicant=prediction.facts, request_key="scopes")


def send(client: APIClient, route: Route, owned: tuple[Prediction, Comparison]) -> Answer:
    answer: Answer = client.generic(
        route.method,
        route.path(owned[route.is_comparison].pk),
        "" if route.method == "GET" else "{}",
        content_type="application/json",
    )
    return answer


@pytest.mark.parametrize("scope", SCOPES)
def test_one_scope_opens_its_routes_alone(
    alice: User, new_key: KeyFor, owned: tuple[Prediction, Comparison], scope: str
) -> None:
    client = program(new_key(alice, [scope]))
    opened, codes = set(), {}
    for route in ROUTES:
        answer = send(client, route, owned)
        if answer.status_code == 403:
            codes[str(route)] = (answer.json()["code"], answer.json().get("scope"))
        else:
            opened.add(str(route))
    assert opened == SCOPES[scope]
    needed = {name: other for other, names in SCOPES.items() for name in names}
    for name, (code, missing) in codes.items():
        expected = ("insufficient_scope", needed[name]) if name in needed else ("api_key_not_allowed", None)
        assert (code, missing) == expected, name


def test_no_key_manages_keys(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice, ALL)
    client = program(new)
    answers = [
        client.get("/api/v1/api-keys/"),
        client.post("/api/v1/api-keys/", {"name": "x", "scopes": ["pay"]}, format="json"),
        client.post(f"/api/v1/api-keys/{new.key.pk}/rotate/", {}, format="json"),
        client.delete(f"/api/v1/api-keys/{new.key.pk}/"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "api_key_not_allowed")
    ] * 4
    assert alice.api_keys.count() == 1


def test_a_method_that_is_not_there_is_405_with_a_key(alice: User, new_key: KeyFor) -> None:
    client = program(new_key(alice, ["read"]))
    for answer in (client.delete("/api/v1/balance/"), client.put("/api/v1/api-keys/", {}, format="json")):
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_key_opens_no_page(alice: User, new_key: KeyFor) -> None:
    answer = Client().get("/account/password/", headers={"Authorization": f"Bearer {new_key(alice).secret}"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_options_and_head_ask_for_no_more_than_get(alice: User, new_key: KeyFor) -> None:
    reads, pays = program(new_key(alice, ["read"])), program(new_key(alice, ["pay"]))
    assert [client.head("/api/v1/balance/").status_code for client in (reads, pays)] == [200, 403]
    assert pays.options("/api/v1/balance/").status_code == 200


def test_the_texts_are_in_both_languages(alice: User, new_key: KeyFor) -> None:
    client = program(new_key(alice, ["read"]))
    for method, path in (("post", "/api/v1/top-ups/"), ("get", "/api/v1/api-keys/")):
        english, russian = (
            getattr(client, method)(path, headers={"Accept-Language": language}).json()
            for language in ("en", "ru")
        )
        assert english["code"] == russian["code"]
        assert english["detail"].isascii()
        assert not russian["detail"].isascii()
    assert not Entry.objects.exists()


def test_the_schema_names_keys_where_they_work(api: ApiClientFor) -> None:
    paths = APIClient().get("/api/v1/schema/?format=json").json()["paths"]
    taking = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}": operation["description"]
        for path, operations in paths.items()
        for method, operation in operations.items()
        if {"apiKey": []} in operation.get("security", [])
    }
    assert len(taking) == sum(map(len, SCOPES.values()))
    assert "`predict`" in taking["POST predictions/"]
    assert "`read`" in taking["GET balance/"]
    assert "`pay`" in taking["POST top-ups/"]
