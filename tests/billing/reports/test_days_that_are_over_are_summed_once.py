import uuid
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Entry, SpendingDay
from billing.reports.spending import KEPT_FROM, Day, spending_of
from billing.services import wallet_of
from tests.support.ledger import charge, clock_at, refund
from tests.support.people import give_money

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TENTH = datetime(2026, 11, 10, 10, tzinfo=UTC)


def book_many(user: User, at: datetime, count: int = KEPT_FROM) -> None:
    """Charges of 0.01 each at that moment, with the top-up that pays for them."""
    with clock_at(at.isoformat()):
        give_money(user, count)
        wallet = wallet_of(user)
        Entry.objects.bulk_create(
            Entry(
                wallet=wallet,
                kind="charge",
                amount=-1,
                balance_after=count - number - 1,
                request_key=str(uuid.uuid4()),
            )
            for number in range(count)
        )


def day_of(user: User, number: int, now: datetime = NOW) -> Day:
    return next(day for day in spending_of(wallet_of(user), now).days if day.date == date(2026, 11, number))


def days_summed(user: User, now: datetime = NOW) -> int:
    """How many days an overview reads the entries of."""
    with CaptureQueriesContext(connection) as captured:
        spending_of(wallet_of(user), now)
    [sql] = [query["sql"] for query in captured if "SUM(amount)" in query["sql"]]
    # Each day has a sum of its charges and one of its refunds.
    return sql.count({"sqlite": "SUM(amount)", "postgresql": "::bigint"}[connection.vendor]) // 2


def test_a_large_day_is_read_once_and_stays_the_same(alice: User, bob: User) -> None:
    for user in (alice, bob):
        book_many(user, TENTH)
    first = day_of(alice, 10)
    assert (first.predictions, first.charged, first.refunded) == (KEPT_FROM, KEPT_FROM, 0)
    kept = SpendingDay.objects.get()
    assert (kept.wallet, kept.date) == (wallet_of(alice), date(2026, 11, 10))
    assert day_of(alice, 10) == first
    assert (days_summed(alice), days_summed(bob)) == (29, 30)


def test_what_is_kept_is_what_is_shown(alice: User) -> None:
    book_many(alice, TENTH)
    day_of(alice, 10)
    SpendingDay.objects.update(charges=3, charged=200, refunded=7)
    assert day_of(alice, 10) == Day(date(2026, 11, 10), 3, 200, 7)


def test_a_refund_is_kept_on_its_own_day(alice: User) -> None:
    book_many(alice, TENTH)
    day_of(alice, 10)
    with clock_at("2026-11-11T10:00:00Z"):
        refund(Entry.objects.filter(kind="charge").first() or pytest.fail("nothing was charged"))
    assert day_of(alice, 10).refunded == 0
    assert day_of(alice, 11).spent == -1


def test_a_small_day_is_not_worth_keeping(alice: User) -> None:
    book_many(alice, TENTH, KEPT_FROM - 1)
    assert day_of(alice, 10).predictions == KEPT_FROM - 1
    assert not SpendingDay.objects.exists()


def test_today_is_never_kept(alice: User) -> None:
    book_many(alice, TENTH)
    assert day_of(alice, 10, TENTH).predictions == KEPT_FROM
    with clock_at("2026-11-10T23:59:59.999999Z"):
        give_money(alice, 10)
        charge(alice, 10)
    assert day_of(alice, 10).charged == KEPT_FROM + 10


def test_an_entry_that_is_committed_after_midnight_still_counts(alice: User) -> None:
    """Transactions begin before midnight and end after it, and the clocks of servers differ."""
    book_many(alice, TENTH)
    assert day_of(alice, 10, datetime(2026, 11, 11, 0, 59, 59, tzinfo=UTC)).charged == KEPT_FROM
    with clock_at("2026-11-10T23:59:59.999999Z"):
        give_money(alice, 10)
        charge(alice, 10)
    assert day_of(alice, 10, datetime(2026, 11, 11, 1, tzinfo=UTC)).charged == KEPT_FROM + 10
    assert SpendingDay.objects.get().charged == KEPT_FROM + 10


def test_two_overviews_at_once_keep_a_day_once(alice: User) -> None:
    book_many(alice, TENTH)
    wallet = wallet_of(alice)
    first: list[str] = []

    def other(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "INSERT" in sql and "spendingday" in sql and not first:
            first.append(sql)
            day_of(alice, 10)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(other):
        spending_of(wallet, NOW)
    assert first
    assert SpendingDay.objects.count() == 1
