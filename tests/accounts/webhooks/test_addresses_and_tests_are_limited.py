"""A customer who enters or tests many webhooks harms neither the site nor somebody else's host."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.throttling import Limit
from accounts.webhooks import endpoints
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.support.people import Answer, ApiClientFor

URL = "https://1.1.1.1/hooks"
ONE = Limit("one", 1, 3600)


@pytest.fixture
def endpoint(alice: User) -> WebhookEndpoint:
    return endpoints.create(alice, url=URL, types=["ping"])[0]


def refused(answer: Answer) -> bool:
    return (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts") and bool(
        answer["Retry-After"]
    )


def test_addresses_of_one_customer(
    alice: User, bob: User, api: ApiClientFor, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "ENTRIES", ONE)
    path, body = "/api/v1/webhooks/", {"url": URL, "events": ["ping"]}
    assert api(alice).post(path, body, format="json").status_code == 201
    assert refused(api(alice).post(path, body, format="json"))
    assert refused(api(alice).patch(f"{path}{endpoint.pk}/", {"url": URL}, format="json"))
    assert api(alice).patch(f"{path}{endpoint.pk}/", {"active": False}, format="json").status_code == 200
    assert api(bob).post(path, body, format="json").status_code == 201


def test_a_page_says_so(client: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "ENTRIES", ONE)
    client.force_login(alice)
    form = {"url": URL, "prediction_succeeded": "on"}
    assert client.post("/account/webhooks/new/", form).status_code == 200
    assert client.post("/account/webhooks/new/", form).status_code == 429
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize("call", ["test", "replay", "replays"])
def test_tests_and_replays_of_one_customer(
    alice: User, api: ApiClientFor, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    delivery = endpoints.send_test(endpoint)
    monkeypatch.setattr(endpoints, "SENDS", ONE)
    path = f"/api/v1/webhooks/{endpoint.pk}/"
    path += {"test": "test/", "replay": f"deliveries/{delivery.pk}/replay/", "replays": "replay/"}[call]
    body = {"since": "2026-01-01T00:00:00Z"} if call == "replays" else None
    assert api(alice).post(path, body, format="json").status_code == 202
    count = WebhookDelivery.objects.count()
    assert refused(api(alice).post(path, body, format="json"))
    assert WebhookDelivery.objects.count() == count
