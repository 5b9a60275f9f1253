"""A month of a wallet: what it began with, what moved, what it ended with."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django_stubs_ext import StrOrPromise

from billing.models import Entry, Wallet
from billing.reports.totals import BEGINNING, Month, Period, Total, totals


@dataclass(frozen=True)
class Statement:
    """`opening` and the totals of the `moved` kinds add up to `closing`, in minor units."""

    month: Month
    opening: int
    moved: dict[Entry.Kind, Total]

    @property
    def lines(self) -> list[tuple[StrOrPromise, Total]]:
        """With the kinds in the reader's language."""
        return [(kind.label, total) for kind, total in self.moved.items()]

    @property
    def closing(self) -> int:
        return self.opening + sum(total.amount for total in self.moved.values())

    @property
    def entries(self) -> int:
        return sum(total.entries for total in self.moved.values())


# As people read them: what came in, what was spent, what came back.
KINDS = (Entry.Kind.TOP_UP, Entry.Kind.BONUS, Entry.Kind.CHARGE, Entry.Kind.REFUND, Entry.Kind.ADJUSTMENT)


def statement_of(wallet: Wallet, month: Month) -> Statement:
    """The opening balance is the sum of all that was before, so that it holds to the last minor unit even
    where the clocks of two servers disagreed about the order of two entries around midnight."""
    start, end = month.period
    before, within = totals(wallet, KINDS, [Period(BEGINNING, start), Period(start, end)])
    opening = sum(total.amount for total in before)
    return Statement(month, opening, dict(zip(KINDS, within, strict=True)))


def months_of(wallet: Wallet, now: datetime | None = None) -> list[Month]:
    """From the present month back to that of the wallet's first entry; the present one at least."""
    months = [Month.of(now or timezone.now())]
    first = (
        Entry.objects.filter(wallet=wallet).order_by("created_at", "pk").values_list("created_at", flat=True)
    )
    if at := first.first():
        while months[-1] > Month.of(at):
            months.append(months[-1].previous)
    return months
