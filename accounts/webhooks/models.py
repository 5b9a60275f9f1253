"""Addresses of customers that are told of events, and what is sent to them."""

import uuid
from typing import ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_URL_LENGTH = 1000


class WebhookEndpoint(models.Model):
    """An address that receives the events that it asks for.

    A deleted one keeps its row until its deliveries are deleted, so that whoever writes one in this moment
    does not fail.
    """

    class OffReason(models.TextChoices):
        OWNER = "owner", _("You switched it off.")
        GONE = "gone", _("It answered 410 Gone.")
        FAILING = "failing", _("It failed for days.")
        ACCESS = "access", _("The access to the account was ended.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(_("address"), max_length=MAX_URL_LENGTH)
    events = models.JSONField(_("events"))
    active = models.BooleanField(_("on"), default=True)
    off_reason = models.CharField(_("switched off"), max_length=7, choices=OffReason, blank=True)
    off_at = models.DateTimeField(_("switched off at"), null=True, blank=True)
    # Since when no try has succeeded, and what the last one has met: see `WebhookDelivery.error`.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=20, blank=True)
    last_status = models.PositiveSmallIntegerField(_("last status"), null=True, blank=True)
    # Whether the last try has succeeded soon. One that is new, slow or failing shares a part of the threads.
    quick = models.BooleanField(default=False, editable=False)
    # Secrets are derived from these: see `signing`. The old one signs too, for a while after a rotation.
    seed = models.CharField(max_length=43, editable=False)
    old_seed = models.CharField(max_length=43, blank=True, editable=False)
    old_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Of whoever created it, for mails.
    language = models.CharField(max_length=10, editable=False)
    # When a mail about its end is to be published, because none was sent yet.
    mail_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(active=True, off_reason="") | (Q(active=False) & ~Q(off_reason="")),
                name="webhook_off_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(active=False), name="webhook_deleted_is_off"
            ),
        ]
        indexes = [
            # Most customers have none, so that a look for those of many customers reads nearly nothing.
            models.Index(fields=["user"], condition=Q(active=True), name="webhook_listening"),
            models.Index(fields=["-created_at", "-id"], name="webhook_newest"),
            models.Index(
                fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="webhook_to_mail"
            ),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="webhook_deleted"
            ),
        ]

    def __str__(self) -> str:
        return self.url


_OF_EVERYONE = Q(attempts__gte=0)


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def of_everyone(self) -> "DeliveryQuerySet":
        """With a condition that is always true, for the same reason as that of ledger entries."""
        return self.filter(_OF_EVERYONE)

    def pending(self) -> "DeliveryQuerySet":
        """By the condition of the partial indexes."""
        return self.filter(ended_at__isnull=True)


class WebhookDelivery(models.Model):
    """An event for one endpoint, from the transaction that caused it to the answer of its receiver."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    class Error(models.TextChoices):
        STATUS = "status", _("It did not answer with a status from 200 to 299.")
        REDIRECT = "redirect", _("It answered with a redirect, which is not followed.")
        TIMEOUT = "timeout", _("It did not answer within 10 seconds.")
        UNRESOLVED = "unresolved", _("Its host name was not found.")
        FORBIDDEN = "forbidden_address", _("Its host was not found on the public internet.")
        CERTIFICATE = "certificate", _("Its certificate is not valid.")
        CONNECTION = "connection", _("The connection failed.")
        ANSWER = "malformed_answer", _("Its answer was not HTTP.")
        INTERRUPTED = "interrupted", _("Sending was interrupted.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own, because others begin with it.
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook")
    )
    # The same for all endpoints and all tries.
    event_id = models.UUIDField(_("event"))
    type = models.CharField(_("type"), max_length=30)
    # The exact text that is signed.
    body = models.TextField(_("body"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    # The process that sends it. The end of its lease is the time of the next try, by another one.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    # Of the last try.
    attempted_at = models.DateTimeField(_("last try"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    duration_ms = models.PositiveIntegerField(_("time, ms"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=20, choices=Error, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[DeliveryQuerySet] = cast(DeliveryQuerySet, DeliveryQuerySet.as_manager())

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="pending") ^ Q(ended_at__isnull=False), name="delivery_ended_has_time"
            )
        ]
        indexes = [
            # The sender takes the endpoints in turn, and of each what has been due for longest.
            models.Index(
                fields=["endpoint", "due_at"], condition=Q(ended_at__isnull=True), name="delivery_to_send"
            ),
            models.Index(fields=["endpoint"], condition=Q(claim__isnull=False), name="delivery_claimed"),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="delivery_log"),
            models.Index(
                fields=["endpoint", "created_at"], condition=Q(status="failed"), name="delivery_failed"
            ),
            models.Index(fields=["-created_at", "-id"], condition=_OF_EVERYONE, name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
