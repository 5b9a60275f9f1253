"""Closes an account: what is personal goes, the ledger stays with an account that has no name.

This is one transaction, which ends all access. What was bought is emptied afterwards: see `scrubbing`.
"""

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from accounts import events, notices, tasks
from accounts import services as accounts
from accounts.errors import CustomerError
from accounts.models import AccountSession, ApiKey, TokenFamily, User, WebhookEndpoint
from accounts.second_factor import services as second_factor
from billing.models import IdempotencyRecord, Wallet
from predictions.models import Batch, DecisionPolicy, Prediction


class StillInProgress(CustomerError):
    """Predictions or files are being worked on; their money may come back."""

    status = 409
    code = "in_progress"


class BalanceDiffers(CustomerError):
    """There is another balance than the one that the customer has agreed to give up."""

    status = 409
    code = "balance_changed"


class OperatorAccount(CustomerError):
    """Operators cannot delete their own account: the books name them."""

    status = 403
    code = "operator_account"


def balance_of(user: User) -> int:
    """Return the balance in minor units, without opening a wallet."""
    return Wallet.objects.filter(user=user).values_list("balance", flat=True).first() or 0


def is_in_progress(user: User) -> bool:
    working = Batch.objects.filter(user=user, status__in=[Batch.Status.VALIDATING, *Batch.PAID])
    return Prediction.objects.of(user).pending().exists() or working.exists()


def close(user: User, *, forfeited: int) -> None:
    """End the account and all access to it for good; its owner gets a mail.

    `forfeited` is the balance that the owner gives up. It stays in the books. Raises `OperatorAccount`,
    `StillInProgress` or `BalanceDiffers`.
    """
    email, username = user.email, user.get_username()
    if user.is_staff or user.is_superuser:
        raise OperatorAccount
    with transaction.atomic():
        # Uploads count under the first lock, orders and payments need the second one.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        Wallet.objects.select_for_update(no_key=True).filter(user=user).first()
        if is_in_progress(user):
            raise StillInProgress
        if balance_of(user) != forfeited:
            raise BalanceDiffers
        _forget(user)
    events.account_changed(user, "deleted by its owner")
    if email:
        tasks.notify(notices.ACCOUNT_DELETED, email, username)


def _forget(user: User) -> None:
    """Delete who the user is and all ways to log in. API keys keep a row, which charges name."""
    accounts.end_access(user)
    second_factor.turn_off(user)
    AccountSession.objects.filter(user=user).delete()
    TokenFamily.objects.filter(user=user).delete()
    ApiKey.objects.filter(user=user).update(name="", key_hash="")
    WebhookEndpoint.objects.filter(user=user).delete()
    IdempotencyRecord.objects.filter(user=user).delete()
    DecisionPolicy.objects.filter(user=user).delete()
    log = LogEntry.objects.filter(object_id=str(user.pk))
    log.update(object_repr=f"deleted-{user.pk}", change_message="")
    user.username = f"deleted-{user.pk}"
    user.email = user.pending_email = user.first_name = user.last_name = ""
    user.language = user.time_zone = ""
    user.email_confirmed_at = user.last_login = None
    user.is_active, user.deleted_at = False, timezone.now()
    user.set_unusable_password()
    user.save()
