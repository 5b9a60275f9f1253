"""Monthly statements of a wallet: opening balance, totals by kind, closing balance."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django_stubs_ext import StrOrPromise

from billing.models import Entry, Wallet
from billing.reports.totals import MIN_TIME, Month, Period, Total, totals


@dataclass(frozen=True)
class Statement:
    """`opening` and the totals of the `moved` kinds add up to `closing`, in minor units."""

    month: Month
    opening: int
    moved: dict[Entry.Kind, Total]

    @property
    def lines(self) -> list[tuple[StrOrPromise, Total]]:
        """`(kind, total)`, the kind in the reader's language."""
        return [(kind.label, total) for kind, total in self.moved.items()]

    @property
    def closing(self) -> int:
        return self.opening + sum(total.amount for total in self.moved.values())

    @property
    def entries(self) -> int:
        return sum(total.entries for total in self.moved.values())


# In the order of the statement.
KINDS = (Entry.Kind.TOP_UP, Entry.Kind.BONUS, Entry.Kind.CHARGE, Entry.Kind.REFUND, Entry.Kind.ADJUSTMENT)


def statement_of(wallet: Wallet, month: Month) -> Statement:
    """Return the statement of `month`.

    The opening balance is the sum of all earlier entries, not the balance stored on one of them, so it is
    exact even if the clocks of two servers disagree on the order of entries around midnight.
    """
    start, end = month.period
    before, within = totals(wallet, KINDS, [Period(MIN_TIME, start), Period(start, end)])
    opening = sum(total.amount for total in before)
    return Statement(month, opening, dict(zip(KINDS, within, strict=True)))


def months_of(wallet: Wallet, now: datetime | None = None) -> list[Month]:
    """Return the months from the current one back to that of the wallet's first entry."""
    months = [Month.of(now or timezone.now())]
    times = (
        Entry.objects.filter(wallet=wallet).order_by("created_at", "pk").values_list("created_at", flat=True)
    )
    if first := times.first():
        while months[-1] > Month.of(first):
            months.append(months[-1].previous)
    return months
