"""Events, written in the transaction that causes them: no event without the fact, no fact without the event.

They contain ids and states, never what a customer has entered.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tasks
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint

PREDICTION_SUCCEEDED, PREDICTION_FAILED = "prediction.succeeded", "prediction.failed"
BATCH_QUOTED, BATCH_COMPLETED = "batch.quoted", "batch.completed"
BALANCE_LOW = "balance.low"
# Sent when a customer asks for a test, to every endpoint.
PING = "ping"
TYPES = (PREDICTION_SUCCEEDED, PREDICTION_FAILED, BATCH_QUOTED, BATCH_COMPLETED, BALANCE_LOW, PING)
# Rows of one INSERT.
BATCH_SIZE = 500


@dataclass(frozen=True)
class Event:
    """`id` and `status` are those of the thing; `path` is that of the API call that shows it."""

    user_id: uuid.UUID
    type: str
    id: str
    status: str
    path: str

    def body(self, at: datetime) -> str:
        """Return the exact text that is signed and sent."""
        data = {"id": self.id, "status": self.status, "url": settings.SITE_URL + self.path}
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        timestamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"type": self.type, "timestamp": timestamp, "data": data}, separators=(",", ":"))


class Listeners:
    """Endpoints that are on, by user. False if there are none, which is so for most customers."""

    def __init__(self, by_user: Mapping[uuid.UUID, list[WebhookEndpoint]]) -> None:
        self._by_user = by_user

    def __bool__(self) -> bool:
        return bool(self._by_user)

    def record(self, events: Iterable[Event]) -> None:
        """Write `events` for the endpoints that ask for them, in the caller's transaction.

        Raises `TransactionManagementError` outside of one.
        """
        rows = [row for event in events for row in self._deliveries(event)]
        if rows:
            write(rows)

    def _deliveries(self, event: Event) -> list[WebhookDelivery]:
        wanting = [one for one in self._by_user.get(event.user_id, ()) if event.type in one.events]
        return deliveries(event, wanting)


def listening(users: Collection[uuid.UUID]) -> Listeners:
    """Return the endpoints of these users, by one query. They hear of what happens after they are made."""
    by_user: dict[uuid.UUID, list[WebhookEndpoint]] = defaultdict(list)
    for endpoint in WebhookEndpoint.objects.filter(user__in=set(users), active=True).order_by("created_at"):
        by_user[endpoint.user_id].append(endpoint)
    return Listeners(by_user)


def record(event: Event) -> None:
    """Write one event in the caller's transaction, for the endpoints of its user that ask for it."""
    listening([event.user_id]).record([event])


def deliveries(event: Event, endpoints: Iterable[WebhookEndpoint]) -> list[WebhookDelivery]:
    """Return the rows of an event, which have one id and one text in common."""
    now, event_id = timezone.now(), uuid.uuid4()
    body = event.body(now)
    return [
        WebhookDelivery(
            endpoint_id=endpoint.pk,
            event_id=event_id,
            type=event.type,
            body=body,
            created_at=now,
            due_at=now,
        )
        for endpoint in endpoints
    ]


def write(rows: list[WebhookDelivery]) -> None:
    """Store deliveries in the caller's transaction, and wake a sender once it is committed."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("events are written in the transaction of their fact")
    WebhookDelivery.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    # A sender that is not woken looks by itself; an error here must not look like one of the fact.
    transaction.on_commit(tasks.notify_senders, robust=True)
