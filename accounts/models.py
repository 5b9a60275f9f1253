"""User accounts, and what programs use them with."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.sessions.models import AccountSession
from accounts.site_texts.models import SiteText
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint

__all__ = ["AccountSession", "SiteText", "TokenFamily", "User", "WebhookDelivery", "WebhookEndpoint"]


class AccountManager(UserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Return a user by name, ignoring case; the constraint below makes the match unique."""
        return self.get(Exact(Lower("username"), (username or "").lower()))

    def with_email(self, email: str) -> models.QuerySet["User"]:
        """Return the active users with this address, ignoring case, the oldest first."""
        matches = self.filter(Exact(Lower("email"), email.lower()), is_active=True)
        return matches.order_by("date_joined", "pk")


class Theme(models.TextChoices):
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # ASCII only: SQLite's LOWER ignores other letters, and look-alike letters could imitate a name.
    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        validators=[ASCIIUsernameValidator()],
        help_text=_("Latin letters, digits and @ . + - _"),
        error_messages={"unique": _("This username is taken.")},
    )
    email = models.EmailField(_("email"))
    # When the owner of the mailbox last followed a link that confirms `email`.
    email_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The address that the next link confirms; "" if none was asked for.
    pending_email = models.EmailField(blank=True, editable=False)
    # "" means that of the browser, or of its system.
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, blank=True)
    # When the owner deleted the account, and when what it had bought was emptied: see `predictions.leaving`.
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    scrubbed_at = models.DateTimeField(null=True, blank=True, editable=False)
    must_change_password = models.BooleanField(
        _("must change password"),
        default=False,
        help_text=_("After login, only the password change page opens."),
    )
    # Counts how often all sessions and tokens of this user were ended.
    access_version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta(AbstractUser.Meta):
        constraints = [models.UniqueConstraint(Lower("username"), name="username_unique_whatever_the_case")]
        indexes = [
            models.Index(Lower("email"), name="user_by_email"),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, scrubbed_at__isnull=True),
                name="user_to_scrub",
            ),
            # The admin's list and its filters.
            models.Index(fields=["-date_joined", "-id"], name="user_newest"),
            models.Index(
                fields=["-date_joined", "-id"], condition=Q(is_staff=True), name="user_newest_staff"
            ),
            models.Index(
                fields=["-date_joined", "-id"], condition=Q(is_active=False), name="user_newest_inactive"
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """Return what sessions and token families remember. When it changes, they all end.

        It depends on the password, whoever changes it by whatever way, and on `access_version`.
        """
        return f"{self.access_version or ''}{super().get_session_auth_hash()}"


class TokenFamily(models.Model):
    """The API tokens that descend from one log-in. The row is deleted to end them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="token_families")
    # The ID of the refresh token that has not been used yet.
    refresh_id = models.UUIDField(default=uuid.uuid4)
    # `User.get_session_auth_hash` at the log-in.
    auth_hash = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True, null=True)
    # Fixed at the log-in: no refresh prolongs it.
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Scope(models.TextChoices):
    """What an API key may do."""

    READ = "read", _("Read: balance, transactions, predictions, files")
    PREDICT = "predict", _("Predict: orders, labels, what-if, files, outcomes")
    PAY = "pay", _("Pay: top up the balance")


class ApiKey(models.Model):
    """A key with which a program uses the API as its user. The row stays when the key has ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own, because `key_of_user` begins with it.
    user = models.ForeignKey(User, models.PROTECT, related_name="api_keys", db_index=False)
    name = models.CharField(_("name"), max_length=100)
    # The beginning of the key. It finds the row, and is what people recognize a key by.
    prefix = models.CharField(_("beginning"), max_length=20, unique=True)
    # SHA-256 of the whole key, hexadecimal. The key has 256 random bits, so a slow hash would add nothing.
    key_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"))
    # The most that one UTC day's orders may cost, in minor units.
    daily_limit = models.PositiveBigIntegerField(_("daily limit, minor units"), null=True, blank=True)
    orders_per_minute = models.PositiveIntegerField(_("orders per minute"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="key_of_user"),
            # The admin's list.
            models.Index(fields=["-created_at", "-id"], name="key_newest"),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def scope_names(self) -> list[str]:
        """The scopes in the reader's language, in a word each: what their labels begin with."""
        return [str(Scope(scope).label).partition(":")[0] for scope in self.scopes]

    def has_ended(self, now: datetime) -> bool:
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now)
