"""The queue of deliveries: who may take which, and what an answer means for it and for its endpoint.

Sending happens between `claim` and `record`, outside of any transaction. A claim is a lease: what a killed
process has claimed is due again when it ends, so it may be sent twice, and is never lost.
"""

import logging
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.webhooks import signing
from accounts.webhooks.client import Outcome
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.turns import Room, find_due, shares_of
from telemetry import metrics

logger = logging.getLogger(__name__)

Status, OffReason = WebhookDelivery.Status, WebhookEndpoint.OffReason
# Longer than the limit of a request and a slow database together.
LEASE = timedelta(seconds=60)
# An endpoint that answers within this time is quick.
QUICK_SECONDS = 2.0
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
HEALTH = (
    *("quick", "failing_since", "last_error", "last_status"),
    *("active", "off_reason", "off_at", "mail_due_at"),
)


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
    # Whether its endpoint was quick when it was claimed.
    quick: bool

    def __repr__(self) -> str:
        """Without the address and the secrets, because it may be logged."""
        return f"Claimed({self.id})"


@dataclass(frozen=True)
class Result:
    """What a try of a claimed delivery has met, and when it began."""

    delivery: Claimed
    at: datetime
    outcome: Outcome


def claim(room: Room, after: uuid.UUID | None) -> list[Claimed]:
    """Claim due deliveries, by turns of their endpoints, beginning with those after `after`."""
    if room.slots <= 0:
        return []
    now = timezone.now()
    due = find_due(now)
    if after:
        due.sort(key=lambda one: (one.endpoint.int <= after.int, one.endpoint.int))
    # Whoever has no room takes no turn. Nearly always nothing is due.
    having_room = shares_of(due, room, now) if due else {}
    turns = [one for one in due if one.endpoint in having_room]
    if not turns:
        return []
    with transaction.atomic():
        # One process at a time counts what is in flight to the endpoints of a customer.
        users = User.objects.filter(pk__in={one.user for one in turns}).order_by("pk")
        mine = set(users.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
        shares = shares_of([one for one in turns if one.user in mine], room, now)
        found = WebhookEndpoint.objects.filter(active=True).in_bulk(list(shares))
        return [one for pk, share in shares.items() if pk in found for one in _claim(found[pk], share, now)]


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


def _claim(endpoint: WebhookEndpoint, share: int, now: datetime) -> list[Claimed]:
    due = endpoint.deliveries.filter(ended_at__isnull=True, due_at__lte=now).order_by("due_at")
    rows = list(due[:share])
    token, secrets = uuid.uuid4(), tuple(secrets_of(endpoint, now))
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        claim=token, due_at=now + LEASE, attempts=F("attempts") + 1
    )
    return [
        Claimed(
            row.pk,
            token,
            endpoint.pk,
            endpoint.url,
            row.event_id,
            row.body,
            row.attempts + 1,
            secrets,
            endpoint.quick,
        )
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
    quick = not outcome.error and outcome.seconds <= QUICK_SECONDS
    if not outcome.error:
        if endpoint.failing_since or endpoint.quick != quick:
            endpoint.failing_since, endpoint.quick = None, quick
            endpoint.save(update_fields=["failing_since", "quick"])
        return
    endpoint.quick = False
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
