"""Every body and every query: a name that the address does not take is 422, and nothing happens."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.webhooks import endpoints
from billing.models import Entry
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from tests.support.api_routes import Route, routes
from tests.support.orders import ResultFor
from tests.support.people import PASSWORD, Answer, ApiClientFor, give_money

ROUTES = routes()
WRITING = [route for route in ROUTES if route.method != "GET"]


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


def own(route: Route, user: User, prediction: Prediction) -> str:
    """The route's address, with something of the user's."""
    if route.is_comparison:
        return route.path(order_comparison(user=user, applicant=prediction.facts, request_key="k").pk)
    if route.is_webhook:
        endpoint, _secret = endpoints.create(user, url="https://1.1.1.1/", types=["ping"])
        return route.path(endpoint.pk, endpoints.send_test(endpoint).pk)
    return route.path(prediction.pk)


def unknown(answer: Answer) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_error"), answer.content
    return [error["field"] for error in answer.json()["errors"] if error["code"] == "unknown_field"]


def test_the_walk_sees_the_whole_api() -> None:
    assert len(ROUTES) > 20
    assert {"top-ups", "predictions", "comparisons", "what-if", "register"} <= {r.name for r in WRITING}


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_in_every_body(client: APIClient, alice: User, result: ResultFor, route: Route) -> None:
    address, books = own(route, alice, result()), Entry.objects.count()
    answer = client.generic(
        route.method, address, '{"surprise": 1, "\\u0000": 2}', content_type="application/json"
    )
    assert unknown(answer) == ["surprise", "\\x00"]
    assert Entry.objects.count() == books


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_in_every_query(client: APIClient, alice: User, result: ResultFor, route: Route) -> None:
    address, books = own(route, alice, result()), Entry.objects.count()
    body = "" if route.method == "GET" else "{}"
    answer = client.generic(
        route.method, f"{address}?surprise=1&page=2", body, content_type="application/json"
    )
    assert unknown(answer) == ["surprise", "page"]
    assert Entry.objects.count() == books


@pytest.mark.parametrize("route", WRITING, ids=str)
@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1", "true"])
def test_a_body_is_an_object(
    client: APIClient, alice: User, result: ResultFor, route: Route, body: str
) -> None:
    address, books = own(route, alice, result()), Entry.objects.count()
    answer = client.generic(route.method, address, body, content_type="application/json")
    assert answer.status_code == 422, answer.content
    assert Entry.objects.count() == books


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("top-ups/", {"amount": "5.00", "currency": "EUR"}, "currency"),
        ("predictions/", {"model": "catboost", "idempotency_key": "k"}, "idempotency_key"),
        ("predictions/", {"model": "catboost", "Label": "x"}, "Label"),
        ("comparisons/", {"models": ["catboost"]}, "models"),
        ("auth/register/", {"username": "carol", "password": PASSWORD, "password2": PASSWORD}, "password2"),
        ("auth/register/", {"username": "carol", "password": PASSWORD, "is_staff": True}, "is_staff"),
        # The answer has it, the request does not.
        ("auth/register/", {"username": "carol", "password": PASSWORD, "id": "1"}, "id"),
        ("auth/token/", {"username": "alice", "password": PASSWORD, "totp": "1"}, "totp"),
        ("auth/token/refresh/", {"refresh": "x", "access": "y"}, "access"),
        ("auth/logout/", {"refresh": "x", "all": True}, "all"),
    ],
)
def test_what_programs_really_send(
    client: APIClient, applicant: Applicant, path: str, body: dict[str, object], name: str
) -> None:
    if path in ("predictions/", "comparisons/"):
        body = body | {"applicant": applicant}
    books, people = Entry.objects.count(), User.objects.count()
    answer = client.post(f"/api/v1/{path}", body, format="json")
    assert unknown(answer) == [name]
    assert (Entry.objects.count(), User.objects.count()) == (books, people)
    assert not Prediction.objects.exists()


def test_in_a_what_if(client: APIClient, result: ResultFor) -> None:
    address = f"/api/v1/predictions/{result().pk}/what-if/"
    for body, name in (
        ({"changes": {}, "gaol": 0.9}, "gaol"),
        ({"goal": 0.9, "change": {}}, "change"),
        ({"changes": {"loan_amount": 5}}, "loan_amount"),
    ):
        assert unknown(client.post(address, body, format="json")) == [name]


def test_every_fault_is_named_at_once(client: APIClient) -> None:
    answer = client.post("/api/v1/top-ups/", {"amont": "5"}, format="json")
    assert {error["field"]: error["code"] for error in answer.json()["errors"]} == {
        "amont": "unknown_field",
        "amount": "required",
    }


def test_a_thousand_names_are_answered_briefly(client: APIClient) -> None:
    answer = client.post("/api/v1/top-ups/", {f"n{n}" + "x" * 200: 1 for n in range(1000)}, format="json")
    assert len(unknown(answer)) == 20
    assert len(answer.content) < 5000


def test_a_parameter_that_stands_twice(client: APIClient) -> None:
    for query in ("page_size=1&page_size=2", "kind=charge&kind=refund", "cursor=&cursor="):
        answer = client.get(f"/api/v1/transactions/?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_browser_may_choose_the_format(client: APIClient) -> None:
    assert client.get("/api/v1/balance/?format=json").json()["currency"] == "USD"
