"""Webhooks in every state that looks different."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import User, WebhookDelivery, WebhookEndpoint
from accounts.webhooks import endpoints
from accounts.webhooks.events import TYPES


def webhook_pages(user: User) -> list[str]:
    """Make endpoints that are on, off and failing, with deliveries in every state; return their pages."""
    good, gone, failing = (
        endpoints.create(user, url=f"https://1.1.1.1/{name}?of=a-customer", types=TYPES)[0]
        for name in ("a-long-address-that-a-program-made-and-nobody-has-ever-read", "gone", "failing")
    )
    sent = [endpoints.send_test(good) for _number in range(3)]
    delivered, failed, _pending = sent
    now = timezone.now()
    tried = {"attempts": 1, "attempted_at": now, "duration_ms": 31}
    WebhookDelivery.objects.filter(pk=delivered.pk).update(
        status="delivered", response_status=204, ended_at=now, **tried
    )
    WebhookDelivery.objects.filter(pk=failed.pk).update(
        status="failed", response_status=500, error="status", ended_at=now, **tried
    )
    WebhookEndpoint.objects.filter(pk=gone.pk).update(
        active=False, off_reason="gone", off_at=now, last_error="status", last_status=410
    )
    WebhookEndpoint.objects.filter(pk=failing.pk).update(failing_since=now, last_error="timeout")
    return [
        *(reverse("accounts:webhook", args=[one.pk]) for one in (good, gone, failing)),
        *(reverse("accounts:webhook-delivery", args=[good.pk, one.pk]) for one in sent),
        reverse("accounts:webhook-edit", args=[good.pk]),
        # Once more, because it has rows now.
        reverse("accounts:webhooks"),
    ]
