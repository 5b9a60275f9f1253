"""The ledger: one wallet per user, and append-only entries that add up to its balance."""

import uuid
from typing import ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey
from billing.money import format_signed_money


class Wallet(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wallet")
    balance = models.BigIntegerField(_("balance, minor units"), default=0)
    # Below this, webhooks are told `balance.low`; null: never.
    low_balance = models.BigIntegerField(_("low balance, minor units"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="wallet_balance_never_negative")
        ]

    def __str__(self) -> str:
        return str(self.user)


_OF_EVERYONE = Q(balance_after__gte=0)


class EntryQuerySet(models.QuerySet["Entry"]):
    def of_everyone(self) -> "EntryQuerySet":
        """With a condition that is always true, and that the indexes for lists of all wallets have.

        So PostgreSQL cannot use them for one wallet. It would, if that wallet has a large share of the rows,
        and might read those of all others before it finds the first.
        """
        return self.filter(_OF_EVERYONE)


class Entry(models.Model):
    """One movement of money. Database triggers prevent changes and deletion (`billing.triggers`)."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("Top-up")
        CHARGE = "charge", _("Charge")
        REFUND = "refund", _("Refund")
        BONUS = "bonus", _("Bonus")
        ADJUSTMENT = "adjustment", _("Adjustment")

    # The integer key orders the entries of a wallet; pages and API show the UUID.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # No index of its own, because `entry_of_wallet` begins with it.
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    amount = models.BigIntegerField(_("amount, minor units"))
    balance_after = models.BigIntegerField(_("balance after, minor units"))
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    request_key = models.CharField(max_length=300)
    # The key that a charge was made with. Keys are never deleted, so no index is needed to find theirs.
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    objects: ClassVar[EntryQuerySet] = cast(EntryQuerySet, EntryQuerySet.as_manager())

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["wallet", "request_key"], name="entry_request_key_once"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="entry_balance_never_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=["top_up", "refund", "bonus"], amount__gt=0)
                | Q(kind="charge", amount__lt=0)
                | (Q(kind="adjustment") & ~Q(amount=0)),
                name="entry_sign_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="refund", reverses__isnull=False)
                | (~Q(kind="refund") & Q(reverses__isnull=True)),
                name="entry_refund_reverses",
            ),
            models.CheckConstraint(
                condition=~Q(kind="adjustment") | (Q(operator__isnull=False) & ~Q(note="")),
                name="entry_adjustment_has_operator_and_reason",
            ),
        ]
        indexes = [
            # What `billing.audit` has not proven yet.
            models.Index(fields=["wallet", "id"], name="entry_of_wallet"),
            # By time, so that a month is one range. With an index by key only, PostgreSQL would scan the
            # entries of all wallets backwards if one wallet has a large share of them.
            models.Index(fields=["wallet", "created_at", "id"], name="entry_by_time"),
            # Covers the sums of `billing.reports.totals`.
            models.Index(fields=["wallet", "kind", "created_at", "id", "amount"], name="entry_by_kind"),
            # Partial: most entries reverse nothing, and SQLite would treat their nulls as equal keys and
            # read them all.
            models.Index(fields=["reverses"], condition=Q(reverses__isnull=False), name="entry_reversals"),
            # The admin's list, its filter by kind, and its search. See `EntryQuerySet.of_everyone`.
            models.Index(fields=["-created_at", "-id"], condition=_OF_EVERYONE, name="entry_newest"),
            models.Index(fields=["kind", "-created_at", "-id"], condition=_OF_EVERYONE, name="entry_of_kind"),
            models.Index(fields=["note"], condition=~Q(note=""), name="entry_by_note"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {format_signed_money(self.amount)}"


class WalletProof(models.Model):
    """What `billing.audit` has proven: the wallet's entries up to `last_entry` are right and leave `balance`.

    Not columns of the wallet, because an audit must not wait for customers, nor they for it.
    """

    wallet = models.OneToOneField(Wallet, on_delete=models.CASCADE, primary_key=True, related_name="proof")
    last_entry = models.BigIntegerField()
    balance = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.wallet_id}: {self.balance}"


class SpendingDay(models.Model):
    """The sums of a day that is over, so that `billing.reports.spending` reads its entries once."""

    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="+", db_index=False)
    # A day in this time zone.
    date = models.DateField()
    zone = models.CharField(max_length=64, default="UTC")
    charges = models.PositiveIntegerField()
    charged = models.BigIntegerField()
    refunded = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wallet", "zone", "date"], name="spending_day_once")]

    def __str__(self) -> str:
        return f"{self.wallet_id}: {self.date}"


class IdempotencyRecord(models.Model):
    """The response to a request with an `Idempotency-Key`; `body` is JSON."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    location = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key


class KeyDay(models.Model):
    """What an API key did on one UTC day. `billing.keys.usage` writes it, and checks limits with it."""

    api_key = models.ForeignKey(ApiKey, models.PROTECT, related_name="days", db_index=False)
    date = models.DateField()
    orders = models.PositiveIntegerField(default=0)
    # Charges of the day without what was refunded of them, in minor units.
    spent = models.BigIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    # The last minute with an order, in minutes since 1970, and its orders.
    minute = models.BigIntegerField(default=0)
    minute_orders = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "date"], name="key_day_once")]

    def __str__(self) -> str:
        return f"{self.api_key_id}: {self.date}"
