"""Endpoints with a lot to send, and a sender that works as in the mailer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from accounts.models import User
from accounts.webhooks import endpoints, events
from accounts.webhooks.events import PING, Event
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.sender import Sender
from tests.support.receivers import Receiver


def fill(endpoint: WebhookEndpoint, count: int) -> None:
    """Give it `count` deliveries that are due."""
    event = Event(endpoint.user_id, PING, "1", "active", "/")
    with transaction.atomic():
        events.write([row for _number in range(count) for row in events.deliveries(event, [endpoint])])


def new_endpoint(user: User, receiver: Receiver, count: int) -> WebhookEndpoint:
    endpoint, _secret = endpoints.create(user, url=receiver.url, types=[PING])
    fill(endpoint, count)
    return endpoint


@contextmanager
def sending() -> Iterator[Sender]:
    """A sender that works in a thread of its own, as in the mailer."""
    working = Sender()

    def work() -> None:
        try:
            while working.send_due():
                pass
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield working
    finally:
        working.stop()
        thread.join()
