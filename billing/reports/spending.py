"""Daily spending of a customer: charges minus refunds.

A refund counts on the day it was booked, which may be after the day of its charge. So past days never
change, and a day with more refunds than charges is negative. Large ones are kept as `SpendingDay` when they
are first asked for.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from billing.models import Entry, SpendingDay, Wallet
from billing.reports.totals import Period, totals

DAYS = 30
# A day with fewer charges and refunds is summed faster than it is worth keeping.
KEPT_FROM = 500
# By then, entries that were begun before midnight are committed, whatever the clock of their server says.
SETTLED_AFTER = timedelta(hours=1)


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
    """`days` are those of the reader's time zone, oldest first."""

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
    """Return the spending of the last `days` days, with that of `now`, in the current time zone.

    One charge is one prediction.
    """
    now = now or timezone.now()
    today = now.astimezone(timezone.get_current_timezone()).date()
    dates = [today - timedelta(days=age) for age in reversed(range(days))]
    zone = timezone.get_current_timezone_name()
    kept = SpendingDay.objects.filter(wallet=wallet, zone=zone, date__gte=dates[0])
    found = {row.date: Day(row.date, row.charges, row.charged, row.refunded) for row in kept}
    missing = [day for day in dates if day not in found]
    found |= _summed(wallet, zone, missing, settled_before=now - SETTLED_AFTER)
    return Spending([found[day] for day in dates])


def _period(day: date) -> Period:
    """Return the day from midnight to midnight, which may have 23 or 25 hours."""
    zone = timezone.get_current_timezone()
    midnights = (datetime.combine(each, time.min, zone) for each in (day, day + timedelta(days=1)))
    return Period(*(midnight.astimezone(UTC) for midnight in midnights))


def _summed(wallet: Wallet, zone: str, dates: list[date], settled_before: datetime) -> dict[date, Day]:
    """Return the sums of the days, and keep those that are large and settled."""
    periods = [_period(day) for day in dates]
    sums = totals(wallet, [Entry.Kind.CHARGE, Entry.Kind.REFUND], periods)
    days, kept = {}, []
    for each, period, (charges, refunds) in zip(dates, periods, sums, strict=True):
        day = Day(each, charges.entries, -charges.amount, refunds.amount)
        days[day.date] = day
        if charges.entries + refunds.entries >= KEPT_FROM and period.end <= settled_before:
            row = SpendingDay(wallet=wallet, zone=zone, date=day.date, charges=day.predictions)
            row.charged, row.refunded = day.charged, day.refunded
            kept.append(row)
    if kept:
        # Another request may have kept the same ones.
        SpendingDay.objects.bulk_create(kept, ignore_conflicts=True)
    return days
