"""No event without the fact, no fact without the event; and customers without webhooks pay nothing for it."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import endpoints, events
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from predictions.jobs import monitor, transitions, worker
from predictions.models import Prediction
from predictions.orders import operator as operators
from predictions.orders.predictions import cancel_prediction
from tests.support.crashes import killed_at
from tests.support.orders import UNLOADABLE, OrderFor
from tests.support.people import give_money

URL = "https://1.1.1.1/hooks"


@pytest.fixture
def listening(alice: User) -> WebhookEndpoint:
    give_money(alice, 1000_00)
    return endpoints.create(alice, url=URL, types=TYPES)[0]


def told() -> list[tuple[str, str]]:
    bodies = [json.loads(body) for body in WebhookDelivery.objects.values_list("body", flat=True)]
    return sorted((body["type"], body["data"]["id"]) for body in bodies)


def test_a_result(alice: User, listening: WebhookEndpoint, order: OrderFor) -> None:
    ordered = [order(alice) for _number in range(3)]
    assert told() == []
    worker.score_queued()
    assert told() == sorted(("prediction.succeeded", str(one.pk)) for one in ordered)
    body = json.loads(WebhookDelivery.objects.get(body__contains=str(ordered[0].pk)).body)
    assert body["data"] == {
        "id": str(ordered[0].pk),
        "status": "succeeded",
        "url": f"{settings.SITE_URL}/api/v1/predictions/{ordered[0].pk}/",
    }
    assert set(body) == {"type", "timestamp", "data"}


def test_failures_of_the_worker_and_of_the_monitor(
    alice: User, listening: WebhookEndpoint, order: OrderFor
) -> None:
    unloadable, late, dead = (order(alice) for _number in range(3))
    Prediction.objects.filter(pk=unloadable.pk).update(**UNLOADABLE)
    now = timezone.now()
    Prediction.objects.filter(pk=late.pk).update(queued_at=now - settings.DEADLINE - timedelta(minutes=1))
    Prediction.objects.filter(pk=dead.pk).update(
        status="running", claimed_at=now - settings.LEASE * 2, attempts=settings.MAX_ATTEMPTS
    )
    monitor.settle_open()
    worker.score_queued()
    assert told() == sorted(("prediction.failed", str(one.pk)) for one in (unloadable, late, dead))
    assert {json.loads(one.body)["data"]["status"] for one in WebhookDelivery.objects.all()} == {"failed"}


def test_a_failed_one_that_an_operator_has_rerun(
    alice: User, operator: User, listening: WebhookEndpoint, order: OrderFor
) -> None:
    prediction = order(alice)
    transitions.fail_all(Prediction.objects.filter(pk=prediction.pk), Prediction.Failure.SCORING)
    prediction.refresh_from_db()
    assert operators.retry(prediction, operator=operator)
    worker.score_queued()
    key = str(prediction.pk)
    assert told() == [("prediction.failed", key), ("prediction.succeeded", key)]


def test_nothing_of_what_ends_as_its_customer_wishes_or_was_told_before(
    alice: User, operator: User, listening: WebhookEndpoint, order: OrderFor
) -> None:
    cancel_prediction(order(alice))
    assert told() == []
    finished = order(alice)
    worker.score_queued()
    finished.refresh_from_db()
    assert operators.refund(finished, operator=operator, reason="an error of ours")
    assert told() == [("prediction.succeeded", str(finished.pk))]


def test_only_of_ones_own_and_what_was_asked_for(
    alice: User, bob: User, listening: WebhookEndpoint, order: OrderFor
) -> None:
    give_money(bob, 100_00)
    bobs, _secret = endpoints.create(bob, url=URL, types=["prediction.failed"])
    endpoints.create(alice, url=URL, types=["balance.low"])
    mine = order(alice)
    order(bob)
    worker.score_queued()
    assert told() == [("prediction.succeeded", str(mine.pk))]
    assert WebhookDelivery.objects.get().endpoint == listening
    transitions.fail_all(Prediction.objects.filter(pk=order(bob).pk), Prediction.Failure.SCORING)
    assert [one.type for one in bobs.deliveries.all()] == ["prediction.failed"]


def test_no_applicant_is_in_an_event(alice: User, listening: WebhookEndpoint, order: OrderFor) -> None:
    order(alice, person_income=77_123, loan_percent_income=None)
    worker.score_queued()
    body = WebhookDelivery.objects.get().body
    assert "77123" not in body
    assert "probability" not in body


def test_one_that_is_off_or_deleted_hears_nothing(
    alice: User, listening: WebhookEndpoint, order: OrderFor
) -> None:
    endpoints.change(listening, active=False)
    order(alice)
    worker.score_queued()
    endpoints.change(listening, active=True)
    endpoints.delete(listening)
    order(alice)
    worker.score_queued()
    assert told() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_at", ["WITH result", 'INSERT INTO "accounts_webhookdelivery"'])
def test_fact_and_event_are_stored_together_or_not_at_all(
    alice: User, listening: WebhookEndpoint, order: OrderFor, dies_at: str
) -> None:
    """A worker dies before it stores a result, or between that and the event; another one does both."""
    prediction = order(alice)
    with killed_at(lambda sql: sql.startswith(dies_at)) as death:
        worker.score_queued()
    assert death.happened
    prediction.refresh_from_db()
    assert (prediction.status, told()) == ("running", [])
    Prediction.objects.filter(status="running").update(claimed_at=timezone.now() - settings.LEASE * 2)
    worker.score_queued()
    assert told() == [("prediction.succeeded", str(prediction.pk))]


@pytest.mark.django_db(transaction=True)
def test_a_failure_dies_with_its_refund_and_its_event(
    alice: User, listening: WebhookEndpoint, order: OrderFor
) -> None:
    prediction = order(alice)
    failing = Prediction.objects.filter(pk=prediction.pk)
    with killed_at(lambda sql: sql.startswith('INSERT INTO "accounts_webhookdelivery"')) as death:
        transitions.fail_all(failing, Prediction.Failure.SCORING)
    assert death.happened
    prediction = Prediction.objects.with_links().get(pk=prediction.pk)
    assert (prediction.status, prediction.is_refunded, told()) == ("queued", False, [])
    transitions.fail_all(failing, Prediction.Failure.SCORING)
    assert told() == [("prediction.failed", str(prediction.pk))]


def test_outside_of_a_transaction_no_event_is_written(alice: User) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        _write_in_autocommit(alice)


def _write_in_autocommit(user: User) -> None:
    connection.in_atomic_block, inside = False, connection.in_atomic_block
    try:
        events.write([WebhookDelivery()])
    finally:
        connection.in_atomic_block = inside


def test_without_webhooks_a_batch_of_results_costs_one_look(alice: User, bob: User, order: OrderFor) -> None:
    for user in (alice, bob):
        give_money(user, 100_00)
    rows = [order(alice), order(bob), order(alice)]
    for row in rows:
        row.claim = rows[0].pk
    Prediction.objects.update(status="running", claim=rows[0].pk, claimed_at=timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(transitions.succeed(rows, [0.5] * 3, scoring_ms=1)) == 3
    looked, stored = [one["sql"] for one in queries]
    assert "accounts_webhookendpoint" in looked
    assert "WITH result" in stored


def test_without_webhooks_failures_cost_one_look_in_all(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    for _number in range(3):
        order(alice)
    with CaptureQueriesContext(connection) as queries:
        transitions.fail_all(Prediction.objects.pending(), Prediction.Failure.SCORING)
    assert sum("webhook" in one["sql"] for one in queries) == 1


def test_an_order_costs_no_look(alice: User, listening: WebhookEndpoint, order: OrderFor) -> None:
    with CaptureQueriesContext(connection) as queries:
        order(alice)
    assert not [one["sql"] for one in queries if "webhook" in one["sql"]]
