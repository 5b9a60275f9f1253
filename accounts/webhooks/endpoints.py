"""What customers do with their webhooks: the functions that pages and API share."""

import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts import tasks, throttling
from accounts.errors import CustomerError
from accounts.models import User
from accounts.throttling import Limit
from accounts.webhooks import addresses, events, signing
from accounts.webhooks.events import Event
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint

Status, OffReason = WebhookDelivery.Status, WebhookEndpoint.OffReason
# Of one customer.
MAX_ENDPOINTS = 10
# Of one customer. Whoever enters more looks for hosts, not for events.
ENTRIES = Limit("webhook-addresses", 20, 60)
# Tests and replays of one customer, which may lead to somebody else's host.
SENDS = Limit("webhook-sends", 60, 60)
# So long the secret before a rotation signs, too.
OLD_SECRET = timedelta(hours=24)
# Failed deliveries that one replay sends again.
MAX_REPLAYED = 10_000
# Rows of one statement that deletes, so that others wait for none of them long.
STEP = 1000
# Of one cleanup. What is left then, the next one deletes.
CLEANUP_SECONDS = 1800.0


class TooManyWebhooks(CustomerError):
    """The customer has as many endpoints as one may have."""

    status = 409
    code = "too_many_webhooks"


class WebhookOff(CustomerError):
    """The endpoint is switched off, so nothing can be sent to it."""

    status = 409
    code = "webhook_off"


def of(user: User) -> QuerySet[WebhookEndpoint]:
    """Return the user's endpoints."""
    return WebhookEndpoint.objects.filter(user=user, deleted_at=None)


def create(user: User, *, url: str, types: Sequence[str]) -> tuple[WebhookEndpoint, str]:
    """Return a new endpoint for events of these `types` and its secret, which nothing shows again.

    Raises `TooManyWebhooks`, `InvalidUrl`, `HostNotAscii`, `AddressForbidden`, `TooManyAttempts`.
    """
    _check_address(user, url)
    endpoint = WebhookEndpoint(
        user=user, url=url, events=_ordered(types), seed=signing.new_seed(), language=get_language() or "en"
    )
    with transaction.atomic():
        # Locked, so that nobody gets more by asking for several at once.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if of(user).count() >= MAX_ENDPOINTS:
            raise TooManyWebhooks
        endpoint.save(force_insert=True)
    return endpoint, signing.secret_from(endpoint.seed)


def change(
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    active: bool | None = None,
) -> WebhookEndpoint:
    """Change what is not None, and return the endpoint.

    Raises `InvalidUrl`, `HostNotAscii`, `AddressForbidden`, `TooManyAttempts`.
    """
    changes: dict[str, object] = {}
    if url is not None:
        _check_address(endpoint.user, url)
        changes |= {"url": url, "quick": False}
    if types is not None:
        changes["events"] = _ordered(types)
    rows = of(endpoint.user).filter(pk=endpoint.pk)
    with transaction.atomic():
        if changes:
            rows.update(**changes)
        if active is True:
            rows.filter(active=False).update(
                active=True, off_reason="", off_at=None, failing_since=None, mail_due_at=None
            )
            # What has waited since it was off.
            transaction.on_commit(tasks.notify_senders, robust=True)
        elif active is False:
            rows.filter(active=True).update(active=False, off_reason=OffReason.OWNER, off_at=timezone.now())
    endpoint.refresh_from_db()
    return endpoint


def delete(endpoint: WebhookEndpoint) -> None:
    """Send nothing more to it. Its rows are deleted later, by `cleanup`."""
    now = timezone.now()
    of(endpoint.user).filter(pk=endpoint.pk).update(
        active=False, off_reason=OffReason.OWNER, off_at=now, deleted_at=now, mail_due_at=None
    )


def switch_off_all(user: User, reason: WebhookEndpoint.OffReason) -> int:
    """Switch off all webhooks of the user; return how many were on. What waits, waits."""
    on = of(user).filter(active=True)
    return on.update(active=False, off_reason=reason, off_at=timezone.now())


def rotate(endpoint: WebhookEndpoint) -> str:
    """Return a new secret, which nothing shows again. The one before signs as well for `OLD_SECRET`."""
    seed = signing.new_seed()
    of(endpoint.user).filter(pk=endpoint.pk).update(
        old_seed=F("seed"), old_until=timezone.now() + OLD_SECRET, seed=seed
    )
    endpoint.refresh_from_db()
    return signing.secret_from(seed)


def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Write a `ping` for this endpoint alone. Raises `WebhookOff`, `TooManyAttempts`."""
    _check_may_send(endpoint)
    path = f"/api/v1/webhooks/{endpoint.pk}/"
    event = Event(endpoint.user_id, events.PING, str(endpoint.pk), "active", path)
    [delivery] = events.deliveries(event, [endpoint])
    with transaction.atomic():
        events.write([delivery])
    return delivery


def replay(delivery: WebhookDelivery) -> WebhookDelivery:
    """Send a delivery again now, with the same event id. Raises `WebhookOff`, `TooManyAttempts`."""
    _check_may_send(delivery.endpoint)
    _queue_again([delivery.pk])
    # One that waits for its next try is tried now; one that is being sent is left alone.
    waiting = WebhookDelivery.objects.pending().filter(pk=delivery.pk, claim=None)
    waiting.update(due_at=timezone.now())
    delivery.refresh_from_db()
    return delivery


def replay_failed(endpoint: WebhookEndpoint, since: datetime, until: datetime | None = None) -> int:
    """Send again what has failed for good in this time; return how many, `MAX_REPLAYED` at most.

    Call it again for the rest. Raises `WebhookOff`, `TooManyAttempts`.
    """
    _check_may_send(endpoint)
    failed = endpoint.deliveries.filter(
        status=Status.FAILED, created_at__gte=since, created_at__lte=until or timezone.now()
    )
    keys = list(failed.order_by("created_at").values_list("pk", flat=True)[:MAX_REPLAYED])
    return sum(_queue_again(keys[start : start + STEP]) for start in range(0, len(keys), STEP))


def cleanup() -> dict[str, int]:
    """Delete what is older than `WEBHOOK_RETENTION`, and deleted endpoints, in short statements."""
    end = time.monotonic() + CLEANUP_SECONDS
    old = timezone.now() - settings.WEBHOOK_RETENTION
    deleted = timezone.now() - timedelta(hours=1)
    gone = WebhookEndpoint.objects.filter(deleted_at__lt=deleted)
    count = _delete(WebhookDelivery.objects.of_everyone().filter(created_at__lt=old), end)
    for endpoint in gone:
        count += _delete(endpoint.deliveries.all(), end)
    # One with deliveries left waits for the next cleanup: with it, all of them would go in one statement.
    left = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"))
    return {"webhook_deliveries": count, "webhooks": _delete(gone.filter(~Exists(left)), end)}


def _delete(rows: QuerySet[WebhookDelivery] | QuerySet[WebhookEndpoint], end: float) -> int:
    """Delete the oldest first, until nothing is left or the time is over."""
    count, later = 0, rows
    while True:
        found = list(later.order_by("created_at").values_list("pk", "created_at")[:STEP])
        count += rows.model._default_manager.filter(pk__in=[pk for pk, _at in found]).delete()[0]
        if len(found) < STEP or time.monotonic() > end:
            return count
        # Not over the places in the index that were just emptied.
        later = rows.filter(created_at__gte=found[-1][1])


def _queue_again(keys: Sequence[uuid.UUID]) -> int:
    now = timezone.now()
    ended = WebhookDelivery.objects.filter(pk__in=keys, ended_at__isnull=False)
    with transaction.atomic():
        count = ended.update(status=Status.PENDING, ended_at=None, attempts=0, due_at=now, claim=None)
        transaction.on_commit(tasks.notify_senders, robust=True)
    return count


def _check_address(user: User, url: str) -> None:
    throttling.take(ENTRIES, str(user.pk))
    addresses.check(url)


def _check_may_send(endpoint: WebhookEndpoint) -> None:
    if not endpoint.active:
        raise WebhookOff
    throttling.take(SENDS, str(endpoint.user_id))


def _ordered(types: Sequence[str]) -> list[str]:
    return [kind for kind in events.TYPES if kind in types]
