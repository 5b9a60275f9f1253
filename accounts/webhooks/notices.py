"""Mails to owners of endpoints that were switched off. A row that needs one says so until it is sent."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts import mails
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from telemetry import metrics

logger = logging.getLogger(__name__)

# A mail that is not sent by then is published again.
AGAIN = timedelta(minutes=10)
MAX_AT_ONCE = 100


def publish_due(publish: Callable[[str], object]) -> None:
    """Publish the mails that are due, and those that were published and not sent: `publish` takes a key."""
    now = timezone.now()
    due = WebhookEndpoint.objects.filter(mail_due_at__lte=now)
    for pk in list(due.order_by("mail_due_at").values_list("pk", flat=True)[:MAX_AT_ONCE]):
        if due.filter(pk=pk).update(mail_due_at=now + AGAIN):
            try:
                publish(str(pk))
            except OperationalError as error:
                logger.error("mail about webhook %s is published later: %s", pk, error)
                metrics.failed("publish")


def send(pk: str) -> None:
    """Mail the owner that this endpoint is off, unless that was done or it is on again."""
    endpoint = WebhookEndpoint.objects.select_related("user").filter(pk=pk, active=False).first()
    if endpoint is None or endpoint.mail_due_at is None:
        return
    if endpoint.user.email:
        with translation.override(endpoint.language):
            _send(endpoint)
    WebhookEndpoint.objects.filter(pk=pk).update(mail_due_at=None)


def _send(endpoint: WebhookEndpoint) -> None:
    link = settings.SITE_URL + reverse("accounts:webhook", args=[endpoint.pk])
    context = {
        "endpoint": endpoint,
        "username": endpoint.user.get_username(),
        "site": settings.SITE_URL,
        "error": error_text(endpoint.last_error, endpoint.last_status),
        "link": link,
    }
    mails.send("accounts/webhooks/off", [endpoint.user.email], context, {link: _("Open the webhook")})


def error_text(error: str, status: int | None) -> str:
    """Return an error for people, "" for none. Never anything that the receiver has sent but its status."""
    if not error:
        return ""
    text = str(WebhookDelivery.Error(error).label)
    return f"{text.removesuffix('.')} ({status})." if status else text
