"""The queue of deliveries: who may take which, and what an answer means for it and for its endpoint.

Sending happens between `claim` and `record`, outside of any transaction. A claim is a lease: what a killed
process has claimed is due again when it ends, so it may be sent twice, and is never lost.
"""

import logging
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.webhooks import signing
from accounts.webhooks.client import Outcome
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from telemetry import metrics

logger = logging.getLogger(__name__)

Status, OffReason = WebhookDelivery.Status, WebhookEndpoint.OffReason
# Longer than the limit of a request and a slow database together.
LEASE = timedelta(seconds=60)
# Requests to one endpoint at the same time; one that fails must not hold more.
IN_FLIGHT, IN_FLIGHT_FAILING = 4, 1
# After the first try, the second, and so on: less than three days in all.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 20 * 3600, 27 * 3600)
)
MAX_ATTEMPTS = len(PAUSES) + 1
# Pauses are shortened by up to this share, so that what has failed together does not come back together.
JITTER = 0.2
GONE = 410
# The columns that say how an endpoint does.
HEALTH = ("failing_since", "last_error", "last_status", "active", "off_reason", "off_at", "mail_due_at")

# The endpoints that have something to send. One step of an index for each, however much is waiting for it.
WAITING = """WITH RECURSIVE waiting (endpoint) AS (
    SELECT (SELECT endpoint_id FROM accounts_webhookdelivery
            WHERE ended_at IS NULL ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT endpoint_id FROM accounts_webhookdelivery
            WHERE ended_at IS NULL AND endpoint_id > waiting.endpoint ORDER BY endpoint_id LIMIT 1)
    FROM waiting WHERE waiting.endpoint IS NOT NULL
), first (endpoint, due_at) AS (
    SELECT waiting.endpoint, (
        SELECT due_at FROM accounts_webhookdelivery
        WHERE ended_at IS NULL AND endpoint_id = waiting.endpoint ORDER BY due_at LIMIT 1
    ) FROM waiting JOIN accounts_webhookendpoint ON accounts_webhookendpoint.id = waiting.endpoint
    JOIN accounts_user ON accounts_user.id = user_id
    WHERE active AND is_active
) SELECT endpoint, due_at FROM first WHERE due_at <= %s ORDER BY endpoint"""


@dataclass(frozen=True)
class Claimed:
    """What a process sends, with all that it needs, so that it does not ask the database meanwhile."""

    id: uuid.UUID
    claim: uuid.UUID
    endpoint_id: uuid.UUID
    url: str
    event_id: uuid.UUID
    body: str
    attempt: int
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        """Without the address and the secrets, because it may be logged."""
        return f"Claimed({self.id})"


@dataclass(frozen=True)
class Result:
    """What a try of a claimed delivery has met, and when it began."""

    delivery: Claimed
    at: datetime
    outcome: Outcome


def claim(slots: int, after: uuid.UUID | None) -> list[Claimed]:
    """Claim up to `slots` due deliveries, by turns of their endpoints, beginning with those after `after`."""
    now = timezone.now()
    turns = [endpoint for endpoint, _due_at in _due(now)]
    if after:
        turns.sort(key=lambda endpoint: (endpoint.int <= after.int, endpoint.int))
    if not turns or slots <= 0:
        return []
    with transaction.atomic():
        # One process at a time counts what is in flight to an endpoint.
        rows = WebhookEndpoint.objects.filter(pk__in=turns[:slots], active=True).order_by("pk")
        found = {row.pk: row for row in rows.select_for_update(skip_locked=True, no_key=True)}
        shares = _shares([found[pk] for pk in turns if pk in found], slots, now)
        return [one for pk, share in shares.items() for one in _claim(found[pk], share, now)]


def record(results: Sequence[Result]) -> None:
    """Store what tries have met. One whose lease has ended changes nothing: it is another process's."""
    if not results:
        return
    with transaction.atomic():
        # In the order of all who lock several.
        rows = WebhookEndpoint.objects.filter(pk__in={one.delivery.endpoint_id for one in results})
        endpoints = {row.pk: row for row in rows.order_by("pk").select_for_update(no_key=True)}
        for result in results:
            if endpoint := endpoints.get(result.delivery.endpoint_id):  # It is deleted with its deliveries.
                _record(result, endpoint)


def pause(attempts: int) -> timedelta | None:
    """Return how long to wait after so many tries; None if no other one follows."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return PAUSES[attempts - 1] * (1 - random.uniform(0, JITTER))  # noqa: S311  # no secret


def oldest_due_seconds() -> float:
    """Return for how long the oldest due delivery has been waiting, 0 if none is due."""
    now = timezone.now()
    return max(((now - due_at).total_seconds() for _endpoint, due_at in _due(now)), default=0.0)


def _due(now: datetime) -> list[tuple[uuid.UUID, datetime]]:
    """Return the endpoints that are on and have something due, by their ids, each with its oldest time.

    What is written for a deactivated customer waits.
    """
    key, time = WebhookEndpoint._meta.pk, WebhookDelivery._meta.get_field("due_at")
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [connection.ops.adapt_datetimefield_value(now)])
        return [(key.to_python(endpoint), _time(time, due_at)) for endpoint, due_at in cursor.fetchall()]


def _time(field: Any, value: Any) -> datetime:
    """SQLite returns text, in UTC."""
    at: datetime = field.to_python(value)
    return at if timezone.is_aware(at) else timezone.make_aware(at)


def _shares(endpoints: Sequence[WebhookEndpoint], slots: int, now: datetime) -> dict[uuid.UUID, int]:
    """Return how many each may send, in turn: one of each, then the second of each, and so on."""
    keys = [endpoint.pk for endpoint in endpoints]
    leased = WebhookDelivery.objects.filter(endpoint__in=keys, claim__isnull=False, due_at__gt=now)
    busy = Counter(leased.values_list("endpoint", flat=True))
    room = {
        one.pk: (IN_FLIGHT_FAILING if one.failing_since else IN_FLIGHT) - busy[one.pk] for one in endpoints
    }
    turns = [key for turn in range(IN_FLIGHT) for key in keys if turn < room[key]]
    return dict(Counter(turns[:slots]))


def _claim(endpoint: WebhookEndpoint, share: int, now: datetime) -> list[Claimed]:
    due = endpoint.deliveries.filter(ended_at__isnull=True, due_at__lte=now).order_by("due_at")
    rows = list(due[:share])
    token, secrets = uuid.uuid4(), tuple(secrets_of(endpoint, now))
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        claim=token, due_at=now + LEASE, attempts=F("attempts") + 1
    )
    return [
        Claimed(row.pk, token, endpoint.pk, endpoint.url, row.event_id, row.body, row.attempts + 1, secrets)
        for row in rows
    ]


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Return what signs now: the secret, and for a while after a rotation the one before."""
    seeds = [endpoint.seed]
    if endpoint.old_until and endpoint.old_until > now:
        seeds.append(endpoint.old_seed)
    return [signing.secret_from(seed) for seed in seeds]


def _record(result: Result, endpoint: WebhookEndpoint) -> None:
    delivery, outcome, now = result.delivery, result.outcome, timezone.now()
    is_gone = outcome.status == GONE
    wait = None if is_gone or not outcome.error else pause(delivery.attempt)
    changes: dict[str, object] = {
        "claim": None,
        "attempted_at": result.at,
        "response_status": outcome.status,
        "duration_ms": round(outcome.seconds * 1000),
        "error": outcome.error,
    }
    if wait is not None:
        told, changes["due_at"] = "retried", now + wait
    else:
        told = Status.FAILED if outcome.error else Status.DELIVERED
        changes |= {"status": told, "ended_at": now}
    mine = WebhookDelivery.objects.pending().filter(pk=delivery.id, claim=delivery.claim)
    if mine.update(**changes):
        _tell(delivery, told, outcome)
        if endpoint.active:
            _judge(endpoint, outcome, now)


def _judge(endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    """Note how the endpoint does, and switch it off if it says that it is gone or has failed for days."""
    if not outcome.error:
        if endpoint.failing_since:
            endpoint.failing_since = None
            endpoint.save(update_fields=["failing_since"])
        return
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.last_error, endpoint.last_status = outcome.error, outcome.status
    if outcome.status == GONE:
        _switch_off(endpoint, OffReason.GONE, now)
    elif now - endpoint.failing_since >= settings.WEBHOOK_FAILING:
        _switch_off(endpoint, OffReason.FAILING, now)
    endpoint.save(update_fields=HEALTH)


def _switch_off(endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    endpoint.active, endpoint.off_reason = False, reason
    endpoint.off_at = endpoint.mail_due_at = now
    logger.warning("webhook %s switched off: %s", endpoint.pk, reason)


def _tell(delivery: Claimed, told: str, outcome: Outcome) -> None:
    fields = {
        "webhook_id": str(delivery.endpoint_id),
        "delivery_id": str(delivery.id),
        "attempt": delivery.attempt,
        "ms": round(outcome.seconds * 1000),
        **({"error": outcome.error} if outcome.error else {}),
        **({"response_status": outcome.status} if outcome.status else {}),
    }

    def tell() -> None:
        metrics.webhook(told)
        logger.info("webhook delivery %s %s", delivery.id, told, extra={"fields": fields})

    transaction.on_commit(tell, robust=True)
