"""One that does not answer holds few of the sender's threads, and the others have their turns."""

import re
import threading

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import deliveries, endpoints, sender, turns
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from accounts.webhooks.turns import Room
from tests.support.plans import plan_as_for_many_rows
from tests.support.processes import wait_for
from tests.support.receivers import NewReceiver, Receiver
from tests.support.senders import new_endpoint, sending

pytestmark = pytest.mark.usefixtures("own_network")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_commits")
def test_one_that_does_not_answer_holds_four_requests_and_others_are_served(
    alice: User, bob: User, new_receiver: NewReceiver
) -> None:
    silent, good = new_receiver(), new_receiver()
    silent.hold.clear()
    new_endpoint(alice, silent, 100)
    new_endpoint(bob, good, 30)
    with sending():
        wait_for(lambda: len(good.received) == 30)
        assert len(silent.received) == turns.IN_FLIGHT
        silent.hold.set()
    assert silent.most == turns.IN_FLIGHT
    assert good.most <= turns.IN_FLIGHT


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_commits")
def test_what_comes_while_one_does_not_answer_is_sent(
    alice: User, bob: User, new_receiver: NewReceiver
) -> None:
    silent, good = new_receiver(), new_receiver()
    silent.hold.clear()
    new_endpoint(alice, silent, 1)
    with sending():
        wait_for(lambda: len(silent.received) == 1)
        new_endpoint(bob, good, 1)
        wait_for(lambda: len(good.received) == 1)
        silent.hold.set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_commits")
def test_mails_about_webhooks_have_turns_however_much_there_is_to_send(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same thread publishes them."""
    monkeypatch.setattr(sender, "TURN_SECONDS", 0)
    receiver.hold.clear()
    new_endpoint(alice, receiver, 1)
    working = Sender()
    assert working.send_due()
    receiver.hold.set()
    while working.send_due():
        pass
    assert WebhookDelivery.objects.get().status == "delivered"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_commits")
def test_one_that_stops_records_what_it_has_sent(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TURN_SECONDS", 0)
    receiver.hold.clear()
    new_endpoint(alice, receiver, 1)
    working = Sender()
    assert working.send_due()
    working.stop()
    threading.Timer(0.1, receiver.hold.set).start()
    assert not working.send_due()
    assert WebhookDelivery.objects.get().status == "delivered"


def test_one_that_fails_holds_one_request(alice: User, receiver: Receiver) -> None:
    endpoint = new_endpoint(alice, receiver, 10)
    WebhookEndpoint.objects.update(failing_since=endpoint.created_at)
    assert len(deliveries.claim(Room(32, 32), None)) == 1
    # Of all processes together.
    assert deliveries.claim(Room(32, 32), None) == []


def test_several_processes_together_send_no_more_to_one(alice: User, receiver: Receiver) -> None:
    new_endpoint(alice, receiver, 10)
    claimed = [len(deliveries.claim(Room(3, 3), None)) for _process in range(3)]
    assert claimed == [3, 1, 0]


def test_endpoints_have_turns(alice: User, bob: User, new_receiver: NewReceiver) -> None:
    ids = sorted(
        (new_endpoint(user, new_receiver(), 50).pk for user in (alice, bob, alice, bob)),
        key=lambda pk: pk.int,
    )
    first = deliveries.claim(Room(2, 2), None)
    assert [one.endpoint_id for one in first] == ids[:2]
    second = deliveries.claim(Room(2, 2), first[-1].endpoint_id)
    assert [one.endpoint_id for one in second] == ids[2:]
    # One each before anybody's second.
    third = deliveries.claim(Room(6, 6), second[-1].endpoint_id)
    assert sorted(one.endpoint_id.int for one in third) == sorted(
        pk.int for pk in [ids[0], ids[0], ids[1], ids[1], ids[2], ids[3]]
    )


def test_the_oldest_of_an_endpoint_is_first(alice: User, receiver: Receiver) -> None:
    endpoint = new_endpoint(alice, receiver, 5)
    rows = list(endpoint.deliveries.all())
    for number, row in enumerate(rows):
        WebhookDelivery.objects.filter(pk=row.pk).update(due_at=f"2020-01-0{9 - number}T00:00Z")
    assert {one.id for one in deliveries.claim(Room(2, 2), None)} == {rows[-1].pk, rows[-2].pk}


def test_what_waits_behind_one_that_is_off_costs_no_turn(
    alice: User, bob: User, new_receiver: NewReceiver
) -> None:
    endpoint = new_endpoint(alice, new_receiver(), 5)
    endpoints.change(endpoint, active=False)
    good = new_endpoint(bob, new_receiver(), 1)
    assert [one.endpoint_id for one in deliveries.claim(Room(32, 32), None)] == [good.pk]
    endpoints.change(endpoint, active=True)
    assert [one.endpoint_id for one in deliveries.claim(Room(32, 32), None)] == [endpoint.pk] * 4


def test_nothing_is_sent_for_a_customer_who_is_deactivated(
    alice: User, bob: User, new_receiver: NewReceiver
) -> None:
    endpoint, other = new_endpoint(alice, new_receiver(), 1), new_endpoint(bob, new_receiver(), 1)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert [one.endpoint_id for one in deliveries.claim(Room(32, 32), None)] == [other.pk]
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert [one.endpoint_id for one in deliveries.claim(Room(32, 32), None)] == [endpoint.pk]


def test_the_age_of_the_oldest_that_is_due(alice: User, receiver: Receiver) -> None:
    assert turns.oldest_due_seconds() == 0
    endpoint = new_endpoint(alice, receiver, 2)
    WebhookDelivery.objects.update(due_at="2026-01-01T00:00Z")
    assert turns.oldest_due_seconds() > 3600
    endpoints.change(endpoint, active=False)
    assert turns.oldest_due_seconds() == 0


def test_a_look_reads_one_row_of_each_endpoint(alice: User, bob: User, new_receiver: NewReceiver) -> None:
    """Never all that waits, of which one customer may have hundreds of thousands."""
    for user in (alice, bob):
        new_endpoint(user, new_receiver(), 200)
    plan_as_for_many_rows()
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {turns.WAITING}", [timezone.now()])
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert plan.count("delivery_to_send") == 3, plan
    assert not re.search(r"SCAN accounts_webhookdelivery$|Seq Scan on accounts_webhookd|Sort Key: acc", plan)


def test_threads_are_more_than_one_endpoint_may_hold() -> None:
    assert sender.SLOTS >= 8 * turns.IN_FLIGHT
