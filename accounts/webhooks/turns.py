"""Who may send now: turns of endpoints, so that no customer's webhooks wait for those of another.

Limits hold for all processes together, because they are counted in the database.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint

# Requests to one endpoint at the same time; one that fails must not hold more. And to all of one customer's.
IN_FLIGHT, IN_FLIGHT_FAILING, IN_FLIGHT_OF_USER = 4, 1, 8

# The endpoints that have something to send. One step of an index for each, however much is waiting for it.
WAITING = """WITH RECURSIVE waiting (endpoint) AS (
    SELECT (SELECT endpoint_id FROM accounts_webhookdelivery
            WHERE ended_at IS NULL ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT endpoint_id FROM accounts_webhookdelivery
            WHERE ended_at IS NULL AND endpoint_id > waiting.endpoint ORDER BY endpoint_id LIMIT 1)
    FROM waiting WHERE waiting.endpoint IS NOT NULL
), first (endpoint, due_at, owner, quick, failing_since) AS (
    SELECT waiting.endpoint, (
        SELECT due_at FROM accounts_webhookdelivery
        WHERE ended_at IS NULL AND endpoint_id = waiting.endpoint ORDER BY due_at LIMIT 1
    ), user_id, quick, failing_since
    FROM waiting JOIN accounts_webhookendpoint ON accounts_webhookendpoint.id = waiting.endpoint
    JOIN accounts_user ON accounts_user.id = user_id
    WHERE active AND is_active
) SELECT endpoint, due_at, owner, quick, failing_since IS NOT NULL
FROM first WHERE due_at <= %s ORDER BY endpoint"""


@dataclass(frozen=True)
class Due:
    """An endpoint that has something to send, the oldest of it since `at`."""

    endpoint: uuid.UUID
    at: datetime
    user: uuid.UUID
    quick: bool
    failing: bool


@dataclass(frozen=True)
class Room:
    """Requests that a process can begin now; `doubtful` of them to endpoints that are not quick."""

    slots: int
    doubtful: int


def oldest_due_seconds() -> float:
    """Return for how long the oldest due delivery has been waiting, 0 if none is due."""
    now = timezone.now()
    return max(((now - due.at).total_seconds() for due in find_due(now)), default=0.0)


def find_due(now: datetime) -> list[Due]:
    """Return the endpoints that are on and have something due, by their ids.

    What is written for a deactivated customer waits.
    """
    key, time = WebhookEndpoint._meta.pk, WebhookDelivery._meta.get_field("due_at")
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [connection.ops.adapt_datetimefield_value(now)])
        return [
            Due(key.to_python(endpoint), _time(time, at), key.to_python(user), bool(quick), bool(failing))
            for endpoint, at, user, quick, failing in cursor.fetchall()
        ]


def shares_of(turns: Sequence[Due], room: Room, now: datetime) -> dict[uuid.UUID, int]:
    """Return how many each endpoint may send, in turn: one of each, then the second of each, and so on."""
    # Few rows: no more than all processes have threads, and what was left by those that died.
    leased = WebhookDelivery.objects.filter(claim__isnull=False, due_at__gt=now)
    of_endpoint: Counter[uuid.UUID] = Counter()
    of_user: Counter[uuid.UUID] = Counter()
    for endpoint, user in leased.values_list("endpoint", "endpoint__user"):
        of_endpoint[endpoint] += 1
        of_user[user] += 1
    shares: Counter[uuid.UUID] = Counter()
    slots, doubtful = room.slots, room.doubtful
    for _turn in range(IN_FLIGHT):
        for due in turns:
            most = IN_FLIGHT_FAILING if due.failing else IN_FLIGHT
            is_full = of_endpoint[due.endpoint] >= most or of_user[due.user] >= IN_FLIGHT_OF_USER
            if not slots or is_full or not (due.quick or doubtful):
                continue
            for counter, key in ((of_endpoint, due.endpoint), (of_user, due.user), (shares, due.endpoint)):
                counter[key] += 1
            slots, doubtful = slots - 1, doubtful - (not due.quick)
    return dict(shares)


def _time(field: Any, value: Any) -> datetime:
    """SQLite returns text, in UTC."""
    at: datetime = field.to_python(value)
    return at if timezone.is_aware(at) else timezone.make_aware(at)
