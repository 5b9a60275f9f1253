"""Periods in UTC, and the totals of a wallet's entries in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db import connection
from django.utils.formats import date_format

from billing.models import Entry, Wallet

MIN_TIME = datetime(1, 1, 1, tzinfo=UTC)
# Each total reads one range of the index `entry_by_kind`; GROUP BY would sort all entries.
_TOTAL = """
    SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM billing_entry
    WHERE wallet_id = %s AND kind = %s AND created_at >= %s AND created_at < %s"""


class Period(NamedTuple):
    """`start` is included, `end` is not."""

    start: datetime
    end: datetime


class Total(NamedTuple):
    """The number of entries, and their sum in minor units."""

    entries: int
    amount: int


@dataclass(frozen=True, order=True)
class Month:
    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> "Month":
        at = at.astimezone(UTC)
        return cls(at.year, at.month)

    @classmethod
    def parse(cls, code: str) -> "Month":
        """Return the month of a text like ``2026-11``. Raises `ValueError`."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", code):
            raise ValueError(code)
        month = cls(int(code[:4]), int(code[5:]))
        date(month.year, month.number, 1)
        return month

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def name(self) -> str:
        """``November 2026``, in the reader's language."""
        return date_format(self.first_day, "F Y")

    @property
    def name_within_text(self) -> str:
        """Like `name` but for use within a sentence: without a line break, declined where needed."""
        return date_format(self.first_day, "E Y").replace(" ", "\u00a0")

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def period(self) -> Period:
        after = self.next
        return Period(
            datetime(self.year, self.number, 1, tzinfo=UTC), datetime(after.year, after.number, 1, tzinfo=UTC)
        )

    @property
    def next(self) -> "Month":
        return Month(self.year, self.number + 1) if self.number < 12 else Month(self.year + 1, 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year, self.number - 1) if self.number > 1 else Month(self.year - 1, 12)


def totals(wallet: Wallet, kinds: Sequence[Entry.Kind], periods: Sequence[Period]) -> list[list[Total]]:
    """Return for each period the totals of `kinds`, in the order given.

    One SQL statement reads all of them, so they are of the same moment.
    """
    adapt = connection.ops.adapt_datetimefield_value
    conditions = [
        (wallet.pk, kind.value, adapt(period.start), adapt(period.end))
        for period in periods
        for kind in kinds
    ]
    statement = {"sqlite": _in_sqlite, "postgresql": _in_postgresql}[connection.vendor](len(conditions))
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for condition in conditions for value in condition])
        sums = [Total(count, int(amount)) for _number, count, amount in sorted(cursor.fetchall())]
    return [sums[start : start + len(kinds)] for start in range(0, len(sums), len(kinds))]


def _in_sqlite(count: int) -> str:
    """A UNION of `count` totals, numbered because its rows have no guaranteed order."""
    return " UNION ALL ".join(f"SELECT {number}, * FROM ({_TOTAL})" for number in range(count))  # noqa: S608


def _in_postgresql(count: int) -> str:
    """A join of `count` totals: PostgreSQL would plan a UNION part by part and start parallel workers."""
    rows = ", ".join(
        f"({number}, %s::bigint, %s, %s::timestamptz, %s::timestamptz)" for number in range(count)
    )
    total = _TOTAL % ("part.wallet", "part.kind", "part.since", "part.until")
    values = f"(VALUES {rows}) AS part (number, wallet, kind, since, until)"
    return f"SELECT part.number, total.* FROM {values} CROSS JOIN LATERAL ({total}) AS total"  # noqa: S608
