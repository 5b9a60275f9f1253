"""A real mailer, its real queue, and a receiver that does not always answer."""

from pathlib import Path

import pytest
from django.db import transaction

from accounts import tasks
from accounts.models import User
from accounts.webhooks import endpoints, events
from accounts.webhooks.events import PING, Event
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.support.messages import waiting_messages
from tests.support.processes import StartWorker, Worker, wait_for
from tests.support.receivers import Receiver, make_due

Endpoint = tuple[WebhookEndpoint, str]
pytestmark = pytest.mark.django_db(transaction=True)


def mailer(start_worker: StartWorker, mails: str = "consolemail://") -> Worker:
    own = {"WEBHOOK_ALLOW_PRIVATE": "1", "EMAIL_URL": mails}
    return start_worker(1, "outbound", "threads", **own)


def delivered() -> int:
    return WebhookDelivery.objects.filter(status="delivered").count()


def test_what_waited_and_what_comes(
    endpoint: Endpoint, receiver: Receiver, start_worker: StartWorker
) -> None:
    endpoints.send_test(endpoint[0])
    mailer(start_worker)
    wait_for(lambda: delivered() == 1)
    endpoints.send_test(endpoint[0])
    wait_for(lambda: delivered() == 2)
    for received in receiver.received:
        received.verified(endpoint[1])
    assert waiting_messages("outbound") == []


def test_mails_do_not_wait_for_a_receiver_that_does_not_answer(
    alice: User, endpoint: Endpoint, receiver: Receiver, start_worker: StartWorker, tmp_path: Path
) -> None:
    receiver.hold.clear()
    event = Event(alice.pk, PING, "1", "active", "/")
    with transaction.atomic():
        events.write([row for _number in range(50) for row in events.deliveries(event, [endpoint[0]])])
    mailer(start_worker, mails=f"filemail:///{tmp_path / 'mails'}")
    wait_for(lambda: len(receiver.received) == 4)
    tasks.request_reset_links(alice.email)
    wait_for(lambda: any((tmp_path / "mails").glob("*")))
    assert delivered() == 0
    receiver.hold.set()


def test_one_that_is_killed_while_it_sends_loses_nothing(
    endpoint: Endpoint, receiver: Receiver, start_worker: StartWorker
) -> None:
    receiver.hold.clear()
    endpoints.send_test(endpoint[0])
    killed = mailer(start_worker)
    wait_for(lambda: len(receiver.received) == 1)
    killed.kill()
    receiver.hold.set()
    assert WebhookDelivery.objects.get().status == "pending"
    make_due()  # Its lease ends.
    mailer(start_worker)
    wait_for(lambda: delivered() == 1)
    assert [one.id for one in receiver.received] == [receiver.received[0].id] * 2


def test_one_that_is_stopped_lets_what_it_sends_end(
    endpoint: Endpoint, receiver: Receiver, start_worker: StartWorker
) -> None:
    receiver.hold.clear()
    endpoints.send_test(endpoint[0])
    stopped = mailer(start_worker)
    wait_for(lambda: len(receiver.received) == 1)
    stopped._process.terminate()
    receiver.hold.set()
    assert stopped.stop() == 0
    assert delivered() == 1
    assert len(receiver.received) == 1


def test_a_worker_of_all_queues_sends_too(
    endpoint: Endpoint, receiver: Receiver, start_worker: StartWorker
) -> None:
    endpoints.send_test(endpoint[0])
    start_worker(WEBHOOK_ALLOW_PRIVATE="1")
    wait_for(lambda: delivered() == 1)
