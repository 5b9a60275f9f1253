from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import endpoints
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from creditscore.celery import app
from predictions.tasks import BULK_SECONDS, housekeeping


@pytest.fixture
def endpoint(alice: User) -> WebhookEndpoint:
    return endpoints.create(alice, url="https://1.1.1.1/", types=["ping"])[0]


def make_old(delivery: WebhookDelivery, days: float) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(created_at=timezone.now() - timedelta(days=days))


def test_after_the_retention_and_not_before(endpoint: WebhookEndpoint, settings: Any) -> None:
    old, young = endpoints.send_test(endpoint), endpoints.send_test(endpoint)
    days = settings.WEBHOOK_RETENTION.days
    make_old(old, days + 0.1)
    make_old(young, days - 0.1)
    assert housekeeping()["webhook_deliveries"] == 1
    assert WebhookDelivery.objects.get() == young


def test_a_deleted_webhook_goes_with_its_deliveries_an_hour_later(
    alice: User, endpoint: WebhookEndpoint
) -> None:
    """Whoever has looked for endpoints just before may still write a delivery for it."""
    other = endpoints.create(alice, url="https://1.1.1.1/", types=["ping"])[0]
    endpoints.send_test(other)
    endpoints.send_test(endpoint)
    endpoints.delete(endpoint)
    housekeeping()
    assert WebhookEndpoint.objects.count() == 2
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(deleted_at=timezone.now() - timedelta(hours=2))
    report = housekeeping()
    assert (report["webhook_deliveries"], report["webhooks"]) == (1, 1)
    assert WebhookEndpoint.objects.get() == other
    assert WebhookDelivery.objects.get().endpoint == other


def test_all_of_them_in_short_statements(endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "STEP", 2)
    for number in range(7):
        # Some have one time in common.
        make_old(endpoints.send_test(endpoint), 100 - number // 3)
    with CaptureQueriesContext(connection) as queries:
        assert endpoints.cleanup()["webhook_deliveries"] == 7
    deletes = [query for query in queries if query["sql"].startswith("DELETE")]
    assert len(deletes) >= 4
    assert not WebhookDelivery.objects.exists()


def test_more_than_one_cleanup_has_time_for_is_left_to_the_next(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "STEP", 2)
    monkeypatch.setattr(endpoints, "CLEANUP_SECONDS", 0)
    for _number in range(5):
        make_old(endpoints.send_test(endpoint), 100)
    assert [endpoints.cleanup()["webhook_deliveries"] for _run in range(4)] == [2, 2, 1, 0]


def test_a_deleted_webhook_stays_while_it_has_more_deliveries_than_one_cleanup_deletes(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row takes all that is left with it, in one statement that others would wait for."""
    monkeypatch.setattr(endpoints, "STEP", 2)
    monkeypatch.setattr(endpoints, "CLEANUP_SECONDS", 0)
    for _number in range(3):
        endpoints.send_test(endpoint)
    endpoints.delete(endpoint)
    WebhookEndpoint.objects.update(deleted_at=timezone.now() - timedelta(hours=2))
    assert endpoints.cleanup() == {"webhook_deliveries": 2, "webhooks": 0}
    assert WebhookDelivery.objects.count() == 1
    assert endpoints.cleanup() == {"webhook_deliveries": 1, "webhooks": 1}


def test_beside_orders_and_mails() -> None:
    """In the queue of what may take long."""
    assert app.amqp.router.route({}, housekeeping.name)["queue"].name == "bulk"
    assert endpoints.CLEANUP_SECONDS < BULK_SECONDS == housekeeping.time_limit
