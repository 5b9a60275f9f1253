"""Daily spending of a customer: charges minus refunds.

A refund counts on the day it was booked, which may be after the day of its charge. So past days never
change, and a day with more refunds than charges is negative.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from billing.models import Entry, Wallet
from billing.reports.totals import Period, totals

DAYS = 30


@dataclass(frozen=True)
class Day:
    """`charged` and `refunded` are minor units, never negative; `predictions` counts the orders."""

    date: date
    predictions: int
    charged: int
    refunded: int

    @property
    def spent(self) -> int:
        return self.charged - self.refunded


@dataclass(frozen=True)
class Spending:
    """`days` are UTC days, oldest first."""

    days: list[Day]

    @property
    def predictions(self) -> int:
        return sum(day.predictions for day in self.days)

    @property
    def charged(self) -> int:
        return sum(day.charged for day in self.days)

    @property
    def refunded(self) -> int:
        return sum(day.refunded for day in self.days)

    @property
    def spent(self) -> int:
        return self.charged - self.refunded

    @property
    def is_empty(self) -> bool:
        return not any(day.charged or day.refunded for day in self.days)


def spending_of(wallet: Wallet, now: datetime | None = None, days: int = DAYS) -> Spending:
    """Return the spending of the last `days` days, with that of `now`. One charge is one prediction."""
    today = (now or timezone.now()).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today - timedelta(days=age) for age in reversed(range(days))]
    periods = [Period(start, start + timedelta(days=1)) for start in starts]
    sums = totals(wallet, [Entry.Kind.CHARGE, Entry.Kind.REFUND], periods)
    return Spending(
        [
            Day(period.start.date(), charges.entries, -charges.amount, refunds.amount)
            for period, (charges, refunds) in zip(periods, sums, strict=True)
        ]
    )
