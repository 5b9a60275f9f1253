"""Audit of the ledger: finds wallets whose entries do not add up to their balance.

Only what was not proven before is read: `WalletProof` has the last proven entry of each wallet, because only
within a wallet do later entries have higher keys (see `services._post`). Of two transactions in different
wallets, the one with the lower key can commit later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, Lag

from billing import triggers
from billing.models import Entry, Wallet, WalletProof

PART_WALLETS = 5_000
# The proof of a wallet that has never been audited.
_NOTHING = {"last_entry": 0, "balance": 0}


class Unproven(NamedTuple):
    """A wallet with its balance, what its entries add up to, and the last of them."""

    pk: int
    username: str
    balance: int
    total: int
    last_entry: int


@dataclass(frozen=True)
class Part:
    """Some wallets that have changed since they were proven."""

    wallets: list[Unproven]

    @property
    def entries(self) -> QuerySet[Entry]:
        """The entries that are not proven, and perhaps some that were booked since `wallets` were read."""
        proofs = [wallet.pk for wallet in self.wallets]
        return Entry.objects.filter(wallet__proof__in=proofs, pk__gt=F("wallet__proof__last_entry"))

    def problems(self) -> Iterator[str]:
        """Yield one line per fault with the wallet's username. The database does the checks."""
        yield from self._sums()
        yield from self._running_balances()
        yield from self._refunds()

    def prove(self) -> None:
        """Remember that there are no problems in these entries, here and in what they paid for."""
        WalletProof.objects.bulk_create(
            [
                WalletProof(wallet_id=wallet.pk, last_entry=wallet.last_entry, balance=wallet.balance)
                for wallet in self.wallets
            ],
            update_conflicts=True,
            unique_fields=["wallet"],
            update_fields=["last_entry", "balance"],
        )

    def _sums(self) -> Iterator[str]:
        for wallet in self.wallets:
            if wallet.balance != wallet.total:
                yield (
                    f"wallet of {wallet.username}: balance {wallet.balance}, "
                    f"its entries add up to {wallet.total}"
                )

    def _running_balances(self) -> Iterator[str]:
        previous = Window(Lag("balance_after"), partition_by="wallet_id", order_by="pk")
        before = Coalesce(previous, "wallet__proof__balance")
        entries = self.entries.annotate(before=before).exclude(balance_after=F("before") + F("amount"))
        rows = entries.values_list("wallet__user__username", "public_id", "before", "amount", "balance_after")
        for username, entry, balance, amount, balance_after in rows:
            yield (
                f"wallet of {username}: entry {entry} leaves {balance_after}, "
                f"but {balance} and {amount} make {balance + amount}"
            )

    def _refunds(self) -> Iterator[str]:
        # How much of it, only those know who sold what it paid for.
        undoes = Q(
            reverses__kind=Entry.Kind.CHARGE, reverses__wallet=F("wallet"), reverses__amount__lte=-F("amount")
        )
        wrong = self.entries.filter(kind=Entry.Kind.REFUND).exclude(undoes)
        for entry in wrong.select_related("wallet__user"):
            yield (
                f"wallet of {entry.wallet}: "
                f"refund {entry.public_id} does not undo a charge, or undoes more than it"
            )


def missing_triggers() -> list[str]:
    """Return one line per missing trigger. Without them, what has been proven may have changed."""
    return [
        f"database: the trigger {name} that guards ledger entries is missing"
        for name in triggers.missing_triggers(connection)
    ]


def forget_proofs() -> None:
    """From now on, everything is read again."""
    WalletProof.objects.update(**_NOTHING)


def unproven_parts() -> Iterator[Part]:
    """Yield the wallets that have changed since they were proven, out of `PART_WALLETS` at a time."""
    last = 0
    keys = Wallet.objects.order_by("pk").values_list("pk", flat=True)
    while part := list(keys.filter(pk__gt=last)[:PART_WALLETS]):
        last = part[-1]
        wallets = keys.filter(pk__gte=part[0], pk__lte=last)
        WalletProof.objects.bulk_create(
            [WalletProof(wallet_id=wallet, **_NOTHING) for wallet in wallets.filter(proof=None)],
            ignore_conflicts=True,
        )
        yield Part(_read(list(wallets.filter(_changed()))))


def _changed() -> Q:
    new = Entry.objects.filter(wallet=OuterRef("pk"), pk__gt=OuterRef("proof__last_entry"))
    return ~Q(balance=F("proof__balance")) | Q(Exists(new))


def _read(wallets: list[int]) -> list[Unproven]:
    """One statement reads balance and entries, so they are of the same moment."""
    new = Entry.objects.filter(wallet=OuterRef("pk"), pk__gt=OuterRef("proof__last_entry")).order_by()
    added = Subquery(new.values("wallet").annotate(sum=Sum("amount")).values("sum"))
    last = Subquery(new.values("wallet").annotate(last=Max("pk")).values("last"))
    rows = Wallet.objects.annotate(
        total=F("proof__balance") + Coalesce(added, 0), last=Coalesce(last, "proof__last_entry")
    )
    columns = rows.values_list("pk", "user__username", "balance", "total", "last")
    return [Unproven(*row) for row in columns.filter(pk__in=wallets).order_by("pk")]
