"""Every route × every method × every role: what is not one's own stays unseen and unchanged.

The routes come from the URL configuration, so a new one is walked without being named here.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User, WebhookDelivery, WebhookEndpoint
from accounts.webhooks import endpoints
from accounts.webhooks.events import PING
from billing.models import Entry, Wallet
from predictions.models import Comparison, Outcome, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.outcomes.services import report_outcome
from predictions.outcomes.sold import day_of
from predictions.scoring.schema import Applicant
from tests.support.clock import clock_has_run
from tests.support.orders import ResultFor
from tests.support.people import Answer, ApiClientFor, give_money
from tests.support.site_routes import ADMIN_SITE, METHODS, SiteRoute, site_routes

SECRET = "Secretov-7731"
INCOME = 77_123
ROUTES = site_routes()
# Anyone may see these, whatever is in them.
PUBLIC = {
    "predictions:batch-template",
    "predictions:outcome-template",
    *(
        "home",
        "predictions:models",
        "predictions:model",
        "predictions:points",
        "set_language",
        "docs",
        "predictions:automated-decisions",
        # Anyone with the link, or with the document.
        "predictions:shared",
        "predictions:trial",
        "predictions:verify",
    ),
    *("reference:quickstart", "reference:errors", "reference:group", "reference:guide"),
    *("accounts:register", "accounts:login", "accounts:logout", "accounts:reset", "accounts:reset-sent"),
    *(
        "accounts:reset-confirm",
        "accounts:reset-done",
        "accounts:email-confirm",
        "accounts:login-code",
        "healthz",
        "readyz",
        "admin:login",
        "admin:logout",
    ),
    *("api:register", "api:token", "api:refresh", "api:logout", "api:models", "api:model", "api:schema"),
    "api:document",
}
OWNED = [
    route for route in ROUTES if route.space in ("predictions", "api", "accounts") and "pk" in route.keys
]


@pytest.fixture
def owned(alice: User, result: ResultFor, applicant: Applicant) -> tuple[Prediction, Comparison]:
    """Alice's finished prediction and queued comparison, both labeled and about a person of known income.

    She has a webhook, too, whose address is as secret, with a delivery.
    """
    endpoint, _secret = endpoints.create(alice, url=f"https://1.1.1.1/{SECRET}", types=[PING])
    endpoints.send_test(endpoint)
    clock_has_run()
    prediction = result("logistic-regression", person_income=INCOME, loan_percent_income=None)
    Prediction.objects.filter(pk=prediction.pk).update(label=SECRET, label_folded=SECRET.lower())
    give_money(alice, 500_00)
    report_outcome(prediction, "repaid", day_of(prediction.created_at), by=alice)
    facts = prediction.facts
    comparison = order_comparison(user=alice, applicant=facts, request_key="walk", label=SECRET)
    return Prediction.objects.with_links().get(pk=prediction.pk), comparison


def state(alice: User) -> list[Any]:
    """All that a stranger must not change."""
    return [
        list(Entry.objects.filter(wallet__user=alice).order_by("pk").values_list()),
        list(Wallet.objects.filter(user=alice).values_list()),
        list(Prediction.objects.filter(user=alice).order_by("pk").values_list("pk", "status", "label")),
        list(WebhookEndpoint.objects.filter(user=alice).values_list()),
        list(WebhookDelivery.objects.filter(endpoint__user=alice).values_list()),
        list(Comparison.objects.filter(user=alice).values_list("pk", "label")),
        list(Outcome.objects.filter(user=alice).values_list()),
        User.objects.filter(pk=alice.pk).values_list("password", "email", "is_active", "is_staff").get(),
    ]


def sent(client: Client, routes: list[SiteRoute], owned: tuple[Prediction, Comparison]) -> Iterator[Any]:
    """Send every method to every route; yield what was sent and its answer."""
    for route in routes:
        address = route.path(*owned)
        for method in METHODS:
            options: dict[str, Any] = {"content_type": "application/json"} if route.space == "api" else {}
            answer: Any = client.generic(method, address, "{}" if method != "GET" else "", **options)
            yield route, f"{method} {route.name}", answer


def shows_a_secret(answer: Answer) -> bool:
    content = answer.getvalue().decode(errors="replace")
    return any(text in content for text in (SECRET, "alice@example.org", f"{INCOME:,}", str(INCOME)))


def test_the_walk_sees_the_whole_service() -> None:
    assert len(ROUTES) > 110
    assert len(OWNED) > 15
    assert {route.name for route in ROUTES} > PUBLIC


def test_nobody(alice: User, owned: tuple[Prediction, Comparison]) -> None:
    before, faults = state(alice), []
    for route, name, answer in sent(Client(), ROUTES, owned):
        if answer.status_code >= 500 or shows_a_secret(answer):
            faults.append((name, answer.status_code))
        if route.name not in PUBLIC:
            refused = answer.status_code in (401, 403, 404, 405) or (
                answer.status_code == 302 and "/account/login/" in answer["Location"]
            )
            refused |= answer.status_code == 302 and answer["Location"].startswith("/admin/login/")
            # The admin's password pages are the site's.
            refused |= route.name.startswith("admin:password_change") and answer.status_code == 302
            if not refused:
                faults.append((name, answer.status_code))
    assert faults == []
    assert state(alice) == before


@pytest.mark.parametrize("role", ["another customer", "operator"])
def test_things_of_others_are_not_there(
    alice: User, bob: User, operator: User, api: ApiClientFor, owned: tuple[Prediction, Comparison], role: str
) -> None:
    user = operator if role == "operator" else bob
    before, faults = state(alice), []
    session = Client()
    session.force_login(user)
    results = reverse("predictions:detail", args=[owned[0].pk])
    comparisons = reverse("predictions:comparison", args=[owned[1].pk])
    pages = [route for route in OWNED if route.space != "api"]
    calls = [route for route in OWNED if route.space == "api"]
    clients: list[tuple[Client, list[SiteRoute]]] = [(session, OWNED), (api(user), calls)]
    for client, routes in clients:
        for _route, name, answer in sent(client, routes, owned):
            # A GET where only a POST works leads to the thing's page, whether it exists or not.
            led_away = answer.status_code == 302 and answer["Location"] in (results, comparisons)
            if not (led_away or answer.status_code in (404, 405, 422)) or shows_a_secret(answer):
                faults.append((name, answer.status_code))
    assert pages
    assert calls
    assert faults == []
    assert state(alice) == before


def test_another_customer_sees_only_what_is_his_own(
    alice: User, bob: User, api: ApiClientFor, owned: tuple[Prediction, Comparison]
) -> None:
    give_money(bob, 1_00)
    before, faults = state(alice), []
    for client in (Client(), api(bob)):
        if not isinstance(client, APIClient):
            client.force_login(bob)
        rest = [route for route in ROUTES if route.name != "accounts:logout" and route.name != "admin:logout"]
        for route, name, answer in sent(client, rest, owned):
            if route.name == "readyz":
                # On a slow machine it tells that the comparison, which nobody scores here, waits too long.
                continue
            if answer.status_code >= 500 or shows_a_secret(answer):
                faults.append((name, answer.status_code))
            if route.space == ADMIN_SITE and answer.status_code == 200:
                faults.append((name, answer.status_code))
    assert faults == []
    assert state(alice) == before


def test_staff_without_permissions_sees_no_customer(
    alice: User, bob: User, owned: tuple[Prediction, Comparison]
) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    client = Client()
    client.force_login(bob)
    before, faults = state(alice), []
    admin = [route for route in ROUTES if route.space == ADMIN_SITE and route.name != "admin:logout"]
    for route, name, answer in sent(client, admin, owned):
        if answer.status_code >= 500 or shows_a_secret(answer):
            faults.append((name, answer.status_code))
        about_a_model = route.name.count("_") >= 2 and not route.name.startswith("admin:password")
        if about_a_model and answer.status_code == 200:
            faults.append((name, answer.status_code))
    assert faults == []
    assert state(alice) == before


def test_an_operator_reads_everything_in_the_admin_and_changes_nothing_by_reading(
    alice: User, operator: User, owned: tuple[Prediction, Comparison]
) -> None:
    client = Client()
    client.force_login(operator)
    before, faults, seen = state(alice), [], 0
    for route in ROUTES:
        if route.space != ADMIN_SITE or route.name == "admin:logout":
            continue
        answer = client.get(route.path(*owned))
        seen += answer.status_code == 200
        if answer.status_code >= 500:
            faults.append((route.name, answer.status_code))
    assert faults == []
    assert seen > 30
    assert state(alice) == before


def test_a_permission_to_view_is_none_to_change(
    alice: User, bob: User, owned: tuple[Prediction, Comparison]
) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(User.objects.get(pk=bob.pk))
    before = state(alice)
    for route, name, answer in sent(client, [r for r in ROUTES if r.space == ADMIN_SITE], owned):
        if route.name != "admin:logout":
            assert answer.status_code < 500, name
    assert state(alice) == before
