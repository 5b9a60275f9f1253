"""Audit of the ledger: finds wallets whose entries do not add up to their balance."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import F, Q, Sum, Window
from django.db.models.functions import Coalesce, Lag

from billing import triggers
from billing.models import Entry, Wallet


def problems() -> Iterator[str]:
    """Yield one line per fault with the wallet's username. The database does the checks."""
    yield from _missing_triggers()
    yield from _sums()
    yield from _running_balances()
    yield from _refunds()


def _missing_triggers() -> Iterator[str]:
    for name in triggers.missing_triggers(connection):
        yield f"database: the trigger {name} that guards ledger entries is missing"


def _sums() -> Iterator[str]:
    wallets = Wallet.objects.annotate(total=Coalesce(Sum("entries__amount"), 0)).exclude(total=F("balance"))
    for wallet in wallets.select_related("user"):
        yield f"wallet of {wallet}: balance {wallet.balance}, its entries add up to {wallet.total}"


def _running_balances() -> Iterator[str]:
    previous = Window(Lag("balance_after", default=0), partition_by="wallet_id", order_by="pk")
    entries = Entry.objects.annotate(before=previous).exclude(balance_after=F("before") + F("amount"))
    rows = entries.values_list("wallet__user__username", "public_id", "before", "amount", "balance_after")
    for username, entry, balance, amount, balance_after in rows:
        yield (
            f"wallet of {username}: entry {entry} leaves {balance_after}, "
            f"but {balance} and {amount} make {balance + amount}"
        )


def _refunds() -> Iterator[str]:
    wrong = Entry.objects.filter(kind=Entry.Kind.REFUND).exclude(
        Q(reverses__kind=Entry.Kind.CHARGE, reverses__wallet=F("wallet"), reverses__amount=-F("amount"))
    )
    for entry in wrong.select_related("wallet__user"):
        yield f"wallet of {entry.wallet}: refund {entry.public_id} does not undo a charge of the same amount"
