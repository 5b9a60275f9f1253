"""However many endpoints of a customer do not answer, those of other customers are served."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import client, deliveries, endpoints, sender, turns
from accounts.webhooks.client import Outcome
from accounts.webhooks.deliveries import Result
from accounts.webhooks.events import PING
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.turns import IN_FLIGHT, IN_FLIGHT_OF_USER, Room
from tests.support.processes import wait_for
from tests.support.receivers import NewReceiver, Receiver
from tests.support.senders import fill, new_endpoint, sending

pytestmark = pytest.mark.usefixtures("own_network")
# As many as one customer may have.
MANY = endpoints.MAX_ENDPOINTS


def new_endpoints(user: User, receiver: Receiver, count: int) -> list[WebhookEndpoint]:
    return [new_endpoint(user, receiver, count) for _number in range(MANY)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_commits")
def test_ten_that_do_not_answer_hold_eight_requests_and_others_are_served(
    alice: User, bob: User, new_receiver: NewReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They hang until the test ends, however slow this machine is.
    monkeypatch.setattr(client.post, "__kwdefaults__", {"limit": 600})
    silent, good = new_receiver(), new_receiver()
    new_endpoints(alice, silent, 300)
    with sending(), silent.silent():
        wait_for(lambda: len(silent.received) == IN_FLIGHT_OF_USER)
        endpoint = new_endpoint(bob, good, 30)
        wait_for(lambda: len(good.received) == 30)
        fill(endpoint, 1)
        wait_for(lambda: len(good.received) == 31)
        assert len(silent.received) == silent.now == IN_FLIGHT_OF_USER
        WebhookDelivery.objects.filter(endpoint__user=alice, claim=None).delete()


def test_whoever_has_no_room_takes_no_turn(alice: User, bob: User, receiver: Receiver) -> None:
    # The turns go by ids: those of all others are before this one.
    good = new_endpoint(bob, receiver, 0)
    WebhookEndpoint.objects.filter(pk=good.pk).update(id=uuid.UUID(int=2**128 - 1))
    fill(WebhookEndpoint.objects.get(user=bob), 1)
    new_endpoints(alice, receiver, 5)
    first = deliveries.claim(Room(32, 32), uuid.UUID(int=0))
    assert len(first) == IN_FLIGHT_OF_USER + 1
    WebhookDelivery.objects.filter(endpoint__user=bob).delete()
    fill(WebhookEndpoint.objects.get(user=bob), 1)
    [claimed] = deliveries.claim(Room(1, 1), uuid.UUID(int=0))
    assert claimed.endpoint_id == uuid.UUID(int=2**128 - 1)


def test_several_processes_together_send_no_more_for_one_customer(alice: User, receiver: Receiver) -> None:
    new_endpoints(alice, receiver, 5)
    claimed = [len(deliveries.claim(Room(3, 3), None)) for _process in range(4)]
    assert claimed == [3, 3, 2, 0]


def test_those_that_fail_or_are_new_share_a_part_of_the_threads(
    alice: User, bob: User, receiver: Receiver
) -> None:
    new_endpoint(alice, receiver, 10)
    good = new_endpoint(bob, receiver, 10)
    WebhookEndpoint.objects.filter(pk=good.pk).update(quick=True)
    assert [one.endpoint_id for one in deliveries.claim(Room(10, 0), None)] == [good.pk] * IN_FLIGHT


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_commits")
def test_all_customers_whose_endpoints_do_not_answer_leave_half_of_the_threads(
    alice: User, bob: User, new_receiver: NewReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.post, "__kwdefaults__", {"limit": 600})
    silent, good = new_receiver(), new_receiver()
    for number in range(4):
        new_endpoints(User.objects.create(username=f"silent-{number}"), silent, 3)
    endpoint = new_endpoint(bob, good, 0)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(quick=True)
    with sending(), silent.silent():
        wait_for(lambda: len(silent.received) == sender.DOUBTFUL_SLOTS)
        for number in range(1, 4):
            fill(endpoint, 1)
            wait_for(lambda number=number: len(good.received) == number)  # type: ignore[misc]
        assert len(silent.received) == silent.now == sender.DOUBTFUL_SLOTS
        WebhookDelivery.objects.filter(endpoint__user__username__startswith="silent", claim=None).delete()


@pytest.mark.parametrize(
    ("outcome", "quick"),
    [
        (Outcome("", 204, 0.1), True),
        (Outcome("", 204, deliveries.QUICK_SECONDS + 0.1), False),
        (Outcome("timeout", None, 10), False),
        (Outcome("status", 500, 0.1), False),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_one_is_quick_if_its_last_try_succeeded_soon(
    alice: User, receiver: Receiver, outcome: Outcome, quick: bool, before: bool
) -> None:
    endpoint = new_endpoint(alice, receiver, 1)
    assert not endpoint.quick
    WebhookEndpoint.objects.update(quick=before, failing_since=timezone.now() - timedelta(hours=1))
    [claimed] = deliveries.claim(Room(1, 1), None)
    assert claimed.quick is before
    deliveries.record([Result(claimed, timezone.now(), outcome)])
    endpoint.refresh_from_db()
    assert endpoint.quick is quick
    assert (endpoint.failing_since is None) is (not outcome.error)


def test_one_whose_address_is_changed_is_new(alice: User, receiver: Receiver) -> None:
    endpoint = new_endpoint(alice, receiver, 0)
    WebhookEndpoint.objects.update(quick=True)
    assert endpoints.change(endpoint, types=[PING]).quick
    assert not endpoints.change(endpoint, url=receiver.url + "&new=1").quick


def test_threads_are_more_than_one_customer_may_hold() -> None:
    assert sender.SLOTS >= 4 * turns.IN_FLIGHT_OF_USER
    assert sender.DOUBTFUL_SLOTS >= 2 * turns.IN_FLIGHT_OF_USER
