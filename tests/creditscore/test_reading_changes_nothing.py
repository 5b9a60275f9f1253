"""No GET orders, pays, renames or logs out, so links and images can do no harm. No route answers TRACE."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing.models import Entry, Wallet
from predictions.models import Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from tests.support.clock import clock_has_run
from tests.support.orders import ResultFor
from tests.support.people import give_money
from tests.support.site_routes import site_routes

ROUTES = site_routes()


@pytest.fixture
def owned(alice: User, result: ResultFor) -> tuple[Prediction, Comparison]:
    clock_has_run()
    prediction = result("logistic-regression")
    give_money(alice, 500_00)
    applicant: Applicant = prediction.facts
    return prediction, order_comparison(user=alice, applicant=applicant, request_key="walk", label="")


def state(alice: User) -> list[Any]:
    return [
        list(Entry.objects.order_by("pk").values_list()),
        list(Wallet.objects.order_by("pk").values_list()),
        list(Prediction.objects.order_by("pk").values_list("pk", "status", "label")),
        list(Comparison.objects.values_list("pk", "label")),
        User.objects.filter(pk=alice.pk).values_list("password", "email", "is_active", "is_staff").get(),
    ]


def test_a_get_by_the_owner(alice: User, owned: tuple[Prediction, Comparison]) -> None:
    client = Client()
    client.force_login(alice)
    before, answered = state(alice), 0
    for route in ROUTES:
        answer = client.get(route.path(*owned), follow=True)
        answered += answer.status_code == 200
        assert answer.status_code < 500, route.name
        assert client.session.get("_auth_user_id") == str(alice.pk), route.name
    assert answered > 30
    assert state(alice) == before


def test_trace_is_answered_by_none(alice: User, owned: tuple[Prediction, Comparison]) -> None:
    client = Client()
    client.force_login(alice)
    for route in ROUTES:
        answer = client.generic("TRACE", route.path(*owned), headers={"X-Probe": "echo-me"})
        # That page says of a bad link that it is one, whatever the method.
        refused = answer.status_code in (302, 401, 403, 404, 405) or route.name == "accounts:reset-confirm"
        assert refused, route.name
        assert b"echo-me" not in answer.getvalue(), route.name
