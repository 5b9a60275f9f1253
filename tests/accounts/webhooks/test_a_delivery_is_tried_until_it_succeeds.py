from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import deliveries, endpoints, events, signing
from accounts.webhooks.client import Outcome
from accounts.webhooks.deliveries import Result
from accounts.webhooks.events import PING, TYPES, Event
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from accounts.webhooks.turns import Room
from tests.support.metrics import Counted
from tests.support.receivers import NewReceiver, Receiver, make_due, only_delivery

Endpoint = tuple[WebhookEndpoint, str]


def test_it_is_signed_and_told_once(endpoint: Endpoint, receiver: Receiver, sender: Sender) -> None:
    to, secret = endpoint
    endpoints.send_test(to)
    sender.send_due()
    sender.send_due()
    [received] = receiver.received
    content = received.verified(secret)
    assert content["type"] == "ping"
    assert content["data"] == {
        "id": str(to.pk),
        "status": "active",
        "url": f"http://127.0.0.1:8000/api/v1/webhooks/{to.pk}/",
    }
    assert datetime.fromisoformat(content["timestamp"]).tzinfo == UTC
    delivery = only_delivery()
    assert (delivery.status, delivery.attempts, delivery.response_status) == ("delivered", 1, 204)
    assert received.id == str(delivery.event_id)


def test_two_endpoints_of_a_customer_get_their_own(
    alice: User, bob: User, endpoint: Endpoint, receiver: Receiver, new_receiver: NewReceiver, sender: Sender
) -> None:
    other, bobs = new_receiver(), new_receiver()
    _second, secret = endpoints.create(alice, url=other.url, types=["balance.low"])
    endpoints.create(bob, url=bobs.url, types=TYPES)
    event = Event(alice.pk, "balance.low", "1", "low", "/api/v1/balance/")
    for kind in (event, Event(alice.pk, "batch.quoted", "2", "quoted", "/api/v1/batches/2/")):
        with transaction.atomic():
            events.record(kind)
    sender.send_due()
    assert sorted(one.verified(endpoint[1])["type"] for one in receiver.received) == [
        "balance.low",
        "batch.quoted",
    ]
    [received] = other.received
    assert received.verified(secret)["type"] == "balance.low"
    # One event, whoever hears of it.
    assert received.id in {one.id for one in receiver.received}
    assert bobs.received == []


def test_the_same_id_at_each_try_with_a_fresh_time_and_signature(
    endpoint: Endpoint, receiver: Receiver, sender: Sender
) -> None:
    receiver.statuses = [500, 503]
    endpoints.send_test(endpoint[0])
    for _try in range(3):
        make_due()
        sender.send_due()
        WebhookDelivery.objects.update(attempted_at=None)
    assert len(receiver.received) == 3
    assert len({one.id for one in receiver.received}) == 1
    assert len({one.body for one in receiver.received}) == 1
    for one in receiver.received:
        one.verified(endpoint[1])  # Its time is that of the try: an old one is refused.
    assert (only_delivery().status, only_delivery().attempts) == ("delivered", 3)


def test_the_time_that_is_signed_is_that_of_the_try(endpoint: Endpoint) -> None:
    first, later = timezone.now(), timezone.now() + timedelta(hours=3)
    one = signing.headers("1", first, "{}", [endpoint[1]])
    two = signing.headers("1", later, "{}", [endpoint[1]])
    assert one["webhook-id"] == two["webhook-id"]
    assert one["webhook-timestamp"] != two["webhook-timestamp"]
    assert one["webhook-signature"] != two["webhook-signature"]


def test_pauses_grow_from_seconds_to_a_day_and_end_within_three_days(
    endpoint: Endpoint, receiver: Receiver, sender: Sender
) -> None:
    receiver.statuses = [500] * 100
    endpoints.send_test(endpoint[0])
    pauses = []
    while only_delivery().status == "pending":
        make_due()
        sender.send_due()
        delivery = only_delivery()
        assert delivery.attempted_at
        pauses.append(delivery.due_at - delivery.attempted_at)
    assert (delivery.status, delivery.error, delivery.response_status) == ("failed", "status", 500)
    assert delivery.attempts == len(receiver.received) == deliveries.MAX_ATTEMPTS
    waited = pauses[:-1]  # After the last one, nothing follows.
    assert waited == sorted(waited)
    assert timedelta(seconds=3) < waited[0] < timedelta(seconds=7)
    assert timedelta(days=2) < sum(waited, timedelta()) < timedelta(days=3)
    make_due()
    sender.send_due()
    assert len(receiver.received) == deliveries.MAX_ATTEMPTS


def test_what_has_failed_together_does_not_come_back_together() -> None:
    assert len({deliveries.pause(5) for _number in range(20)}) > 10


def test_what_a_killed_sender_has_claimed_is_sent_by_another_one(
    endpoint: Endpoint, receiver: Receiver, sender: Sender
) -> None:
    endpoints.send_test(endpoint[0])
    [lost] = deliveries.claim(Room(10, 10), None)
    # Until its lease ends, nobody else sends it.
    sender.send_due()
    assert receiver.received == []
    make_due()
    sender.send_due()
    assert (only_delivery().status, only_delivery().attempts) == ("delivered", 2)
    # The first one was not dead, only late: its answer changes nothing.
    deliveries.record([Result(lost, timezone.now(), Outcome("timeout", None, 10))])
    assert (only_delivery().status, only_delivery().error) == ("delivered", "")


def test_a_late_answer_does_not_end_the_try_of_another_sender(endpoint: Endpoint) -> None:
    endpoints.send_test(endpoint[0])
    [late] = deliveries.claim(Room(10, 10), None)
    make_due()
    [current] = deliveries.claim(Room(10, 10), None)
    deliveries.record([Result(late, timezone.now(), Outcome("", 204, 10))])
    assert only_delivery().status == "pending"
    deliveries.record([Result(current, timezone.now(), Outcome("", 200, 1))])
    assert (only_delivery().status, only_delivery().response_status) == ("delivered", 200)


def test_nothing_is_sent_inside_a_transaction(
    endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between claim and record, the thread that sends has no connection to the database at all."""
    used: list[int] = []
    sender = Sender()
    send = sender._send

    def watched(claimed: deliveries.Claimed) -> None:
        send(claimed)
        used.append(len(connections.all(initialized_only=True)))

    monkeypatch.setattr(sender, "_send", watched)
    endpoints.send_test(endpoint[0])
    sender.send_due()
    assert used == [0]
    assert len(receiver.received) == 1


@pytest.mark.django_db(transaction=True)
def test_tries_are_counted_by_their_result(
    endpoint: Endpoint, receiver: Receiver, sender: Sender, counted: Counted
) -> None:
    receiver.statuses = [500, 200, 410]
    endpoints.send_test(endpoint[0])
    for _try in range(2):
        make_due()
        sender.send_due()
    endpoints.send_test(endpoint[0])
    sender.send_due()
    for result in ("retried", "delivered", "failed"):
        assert counted("creditscore_webhook_deliveries_total", result=result) == 1


def test_a_ping_reaches_an_endpoint_that_asks_for_other_events(
    alice: User, receiver: Receiver, own_network: None, sender: Sender
) -> None:
    to, _secret = endpoints.create(alice, url=receiver.url, types=["balance.low"])
    endpoints.send_test(to)
    sender.send_due()
    assert len(receiver.received) == 1
    assert PING not in to.events
