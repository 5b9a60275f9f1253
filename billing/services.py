"""All movements of money. Amounts are in minor units; a repeated `request_key` books nothing new."""

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import CustomerError
from accounts.models import ApiKey, User
from accounts.webhooks import events as webhooks
from accounts.webhooks.events import Event
from billing import payments
from billing.keys import usage
from billing.models import Entry, Wallet
from billing.money import to_text
from telemetry import metrics

# Django's UPDATE returns no columns.
CHANGE_BALANCE = """UPDATE "billing_wallet" SET balance = balance + %(amount)s
WHERE user_id = %(owner)s AND balance + %(amount)s >= 0
RETURNING id, balance, low_balance"""


class InsufficientFunds(CustomerError):
    """The balance does not cover the charge; nothing was taken. Amounts are minor units."""

    status = 402
    code = "insufficient_funds"

    def __init__(self, balance: int, required: int) -> None:
        self.balance, self.required = balance, required

    @property
    def members(self) -> dict[str, object]:
        return {"balance": to_text(self.balance), "required": to_text(self.required)}


class RequestKeyReused(CustomerError):
    """The key has already been used for something else."""

    status = 422
    code = "idempotency_key_reused"


class NoWallet(Exception):
    """The user has not opened a wallet yet."""


class AlreadyRefunded(Exception):
    """The charge has already been refunded."""


def new_request_key() -> str:
    return str(uuid.uuid4())


def wallet_of(user: User) -> Wallet:
    """Return the user's wallet; the first call creates it and books the welcome credit."""
    try:
        return Wallet.objects.get(user=user)
    except Wallet.DoesNotExist:
        with transaction.atomic():
            wallet, opened = Wallet.objects.get_or_create(user=user)
            if opened and settings.WELCOME_CREDIT:
                _post(user.pk, Entry.Kind.BONUS, settings.WELCOME_CREDIT, "welcome")
                wallet.refresh_from_db()
        return wallet


def top_up(*, user: User, amount: int, request_key: str) -> Entry:
    """Charge the customer through the payment provider and book it. A repeated key returns the first entry.

    Raises `RequestKeyReused`, `payments.PaymentDeclined`.
    """
    wallet = wallet_of(user)
    existing = _booked(wallet, request_key, Entry.Kind.TOP_UP, amount)
    if existing:
        return existing
    # A key is unique within a wallet, but the provider needs one that is unique across wallets.
    paid = payments.provider().pay(amount=amount, request_key=f"{wallet.pk}:{request_key}")
    return record_payment(user=user, amount=amount, reference=paid.reference, request_key=request_key)


def record_payment(*, user: User, amount: int, reference: str, request_key: str) -> Entry:
    """Book a payment that a provider received, once per key. Raises `RequestKeyReused`."""
    return _once(wallet_of(user), Entry.Kind.TOP_UP, amount, request_key, note=reference)


def charge(*, user: User, amount: int, request_key: str, api_key: ApiKey | None = None) -> Entry:
    """Charge `amount` in the caller's transaction; `api_key` is what the request was made with.

    Raises `InsufficientFunds`, the `DailyLimitReached` and `TooManyKeyOrders` of the API key, or
    `IntegrityError` if the request key was used before.
    """
    try:
        entry = _post(user.pk, Entry.Kind.CHARGE, -amount, request_key, api_key=api_key)
    except NoWallet:
        wallet_of(user)
        entry = _post(user.pk, Entry.Kind.CHARGE, -amount, request_key, api_key=api_key)
    if api_key:
        usage.take(api_key, amount, entry.created_at)
    return entry


def check_funds(user: User, amount: int) -> None:
    """Raises `InsufficientFunds` if `charge` would raise it now."""
    balance = wallet_of(user).balance
    if balance < amount:
        raise InsufficientFunds(balance, amount)


def top_up_with_key(user: User, request_key: str) -> Entry | None:
    """Return the top-up that this request key has booked."""
    return Entry.objects.filter(wallet__user=user, request_key=request_key, kind=Entry.Kind.TOP_UP).first()


def warn_below(user: User, amount: int | None) -> None:
    """Tell webhooks `balance.low` each time the balance falls below `amount` minor units; None: never."""
    Wallet.objects.filter(pk=wallet_of(user).pk).update(low_balance=amount)


def has_booked(user: User, request_key: str) -> bool:
    """Return True if this request key has moved money."""
    return Entry.objects.filter(wallet__user=user, request_key=request_key).exists()


def check_unused(user: User, request_key: str) -> None:
    """Raises `RequestKeyReused` if this request key has moved money: it cancels nothing."""
    if has_booked(user, request_key):
        raise RequestKeyReused


def refund(
    charge: Entry, *, amount: int | None = None, operator: User | None = None, note: str = ""
) -> Entry:
    """Refund a charge in the caller's transaction, once: all of it, or the `amount` that was not delivered.

    Raises `AlreadyRefunded`, also if only a part was refunded, and `ValueError` for nothing or more than the
    charge.
    """
    returned = -charge.amount if amount is None else amount
    if charge.kind != Entry.Kind.CHARGE or not 0 < returned <= -charge.amount:
        raise ValueError(f"{amount} cannot be refunded of {charge.kind} {charge.public_id}")
    key = f"refund:{charge.public_id}"
    refunds = Entry.objects.filter(reverses=charge)
    if refunds.exists():
        raise AlreadyRefunded
    try:
        with transaction.atomic():
            entry = _post(
                charge.wallet.user_id,
                Entry.Kind.REFUND,
                returned,
                key,
                reverses=charge,
                operator=operator,
                note=note,
            )
            if charge.api_key_id:
                usage.give_back(charge.api_key_id, returned, charge.created_at)
            return entry
    except IntegrityError as error:
        if refunds.exists():
            raise AlreadyRefunded from error
        raise


def adjust(*, user: User, amount: int, reason: str, operator: User, request_key: str) -> Entry:
    """Book an operator's correction, positive or negative, once per key.

    Raises `InsufficientFunds`, `RequestKeyReused`.
    """
    key, kind = request_key, Entry.Kind.ADJUSTMENT
    return _once(wallet_of(user), kind, amount, key, operator=operator, note=reason)


def _once(
    wallet: Wallet,
    kind: Entry.Kind,
    amount: int,
    request_key: str,
    *,
    note: str,
    operator: User | None = None,
) -> Entry:
    """Post in a new transaction; a repeated key returns its first entry. Raises `RequestKeyReused`."""
    try:
        with transaction.atomic():
            return _post(wallet.user_id, kind, amount, request_key, operator=operator, note=note)
    except (IntegrityError, InsufficientFunds):
        existing = _booked(wallet, request_key, kind, amount)
        if existing is None:
            raise
        return existing


def _post(
    user_id: uuid.UUID,
    kind: Entry.Kind,
    amount: int,
    request_key: str,
    *,
    reverses: Entry | None = None,
    operator: User | None = None,
    api_key: ApiKey | None = None,
    note: str = "",
) -> Entry:
    """Change the balance and add an entry, in the caller's transaction. Nothing else writes money.

    Raises `InsufficientFunds`, `NoWallet`, or `IntegrityError` if the key was used before.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("money can only move inside a transaction")
    wallet_id, balance, low_balance = _change_balance(user_id, amount)
    if low_balance is not None and balance < low_balance <= balance - amount:
        _tell_of_low_balance(user_id)
    # An error of the metrics is logged: money that has moved must not look as if it had not.
    transaction.on_commit(lambda: metrics.booked(kind, amount), robust=True)
    return Entry.objects.create(
        wallet_id=wallet_id,
        kind=kind,
        amount=amount,
        balance_after=balance,
        request_key=request_key,
        reverses=reverses,
        operator=operator,
        api_key=api_key,
        note=note,
    )


def _tell_of_low_balance(user_id: uuid.UUID) -> None:
    """Only customers who have set a threshold pay for this with a statement, when they pass it."""
    webhooks.record(Event(user_id, webhooks.BALANCE_LOW, str(user_id), "low", reverse("api:balance")))


def _change_balance(user_id: uuid.UUID, amount: int) -> tuple[int, int, int | None]:
    """Return the wallet's key, its new balance and its threshold. Raises `InsufficientFunds`, `NoWallet`.

    One statement checks the balance, changes it and reads it. It locks the wallet's row until commit, so
    the entries of a wallet are written one after the other, and each running balance follows from the one
    before.
    """
    connection = transaction.get_connection()
    owner = Wallet._meta.get_field("user").get_db_prep_value(user_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(CHANGE_BALANCE, {"amount": amount, "owner": owner})
        changed: tuple[int, int, int | None] | None = cursor.fetchone()
    if changed:
        return changed
    balance = Wallet.objects.filter(user=user_id).values_list("balance", flat=True).first()
    if balance is None:
        raise NoWallet
    raise InsufficientFunds(balance, -amount)


def _booked(wallet: Wallet, request_key: str, kind: Entry.Kind, amount: int) -> Entry | None:
    """Return the entry with this key. Raises `RequestKeyReused` if its kind or amount differs."""
    entry = Entry.objects.filter(wallet=wallet, request_key=request_key).first()
    if entry and (entry.kind, entry.amount) != (kind, amount):
        raise RequestKeyReused
    return entry
