from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import User
from billing import services
from billing.models import Entry
from billing.reports.statements import KINDS, Statement, months_of, statement_of
from billing.reports.totals import Month
from tests.support.ledger import charge, clock_at, refund
from tests.support.people import give_money

OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)


def statement(user: User, month: Month) -> Statement:
    return statement_of(services.wallet_of(user), month)


def moved(of: Statement) -> dict[str, tuple[int, int]]:
    return {kind.value: (total.entries, total.amount) for kind, total in of.moved.items() if total.entries}


def test_every_kind_of_movement_has_its_line() -> None:
    assert set(KINDS) == set(Entry.Kind)


def test_a_month_begins_with_what_the_one_before_ended_with(alice: User, operator: User) -> None:
    with clock_at("2026-10-05T10:00:00Z"):
        give_money(alice, 100_00)
        charge(alice, 10_00)
    with clock_at("2026-11-07T10:00:00Z"):
        charge(alice, 5_01)
        charge(alice, 5_02)
        services.adjust(user=alice, amount=-1, reason="a cent", operator=operator, request_key="adjust")
    first, second = statement(alice, OCTOBER), statement(alice, NOVEMBER)
    assert (first.opening, first.closing) == (0, 90_00)
    assert moved(first) == {"top_up": (1, 100_00), "charge": (1, -10_00)}
    assert (second.opening, second.closing) == (90_00, 79_96)
    assert moved(second) == {"charge": (2, -10_03), "adjustment": (1, -1)}
    assert second.closing == services.wallet_of(alice).balance


def test_a_months_first_and_last_instant_belong_to_it(alice: User) -> None:
    for number, moment in enumerate(
        ("2026-10-31T23:59:59.999999Z", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999999Z")
    ):
        with clock_at(moment):
            give_money(alice, 10**number)
    with clock_at("2026-12-01T00:00:00Z"):
        give_money(alice, 1000)
    found = [statement(alice, month) for month in (OCTOBER, NOVEMBER)]
    assert [(one.opening, one.closing) for one in found] == [(0, 1), (1, 111)]
    assert statement(alice, DECEMBER).opening == 111


def test_a_refund_counts_in_its_own_month(alice: User) -> None:
    with clock_at("2026-10-31T23:59:00Z"):
        give_money(alice, 100_00)
        paid = charge(alice, 40_00)
    with clock_at("2026-11-01T00:01:00Z"):
        refund(paid)
    assert moved(statement(alice, OCTOBER)) == {"top_up": (1, 100_00), "charge": (1, -40_00)}
    assert moved(statement(alice, NOVEMBER)) == {"refund": (1, 40_00)}
    assert statement(alice, NOVEMBER).closing == 100_00


def test_months_without_movements_keep_the_balance(alice: User) -> None:
    with clock_at("2026-10-05T10:00:00Z"):
        give_money(alice, 100_00)
    quiet = statement(alice, DECEMBER)
    assert (quiet.opening, quiet.entries, quiet.closing) == (100_00, 0, 100_00)


def test_before_the_wallet_there_was_nothing(alice: User) -> None:
    give_money(alice, 100_00)
    early = statement(alice, Month(1999, 12))
    assert (early.opening, early.entries, early.closing) == (0, 0, 0)
    assert moved(early) == {}


def test_clocks_that_disagree_at_midnight_lose_nothing(alice: User) -> None:
    """The entry that was written first bears the later time."""
    with clock_at("2026-12-01T00:00:00.5Z"):
        give_money(alice, 7_00)
    with clock_at("2026-11-30T23:59:59.5Z"):
        give_money(alice, 5_00)
    assert statement(alice, NOVEMBER).closing == statement(alice, DECEMBER).opening == 5_00
    assert statement(alice, DECEMBER).closing == services.wallet_of(alice).balance == 12_00


def test_other_wallets_do_not_count(alice: User, bob: User) -> None:
    with clock_at("2026-11-05T10:00:00Z"):
        give_money(alice, 1_00)
        give_money(bob, 2_00)
    assert statement(bob, NOVEMBER).closing == 2_00


def test_the_welcome_credit_is_a_bonus(alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDIT = 500_00
    with clock_at("2026-11-05T10:00:00Z"):
        services.wallet_of(alice)
    assert moved(statement(alice, NOVEMBER)) == {"bonus": (1, 500_00)}


def test_every_month_of_years_adds_up(alice: User) -> None:
    """Each month's closing is the next one's opening, and the last is the balance."""
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(60):
        with clock_at(moment.isoformat()):
            give_money(alice, 10_00 + number)
            if number % 3 == 0:
                refund(charge(alice, 7))
            charge(alice, 3 + number)
        moment += timedelta(days=17, hours=5, minutes=number)
    month, carried = Month(2023, 12), 0
    while month < Month(2027, 6):
        found = statement(alice, month)
        assert found.opening == carried
        assert found.closing == found.opening + sum(total.amount for total in found.moved.values())
        month, carried = month.next, found.closing
    assert carried == services.wallet_of(alice).balance


def test_months_can_be_chosen_from_the_first_entry_to_now(alice: User) -> None:
    wallet = services.wallet_of(alice)
    now = datetime(2027, 2, 1, tzinfo=UTC)
    assert months_of(wallet, now) == [Month(2027, 2)]
    with clock_at("2026-11-30T23:59:59.999999Z"):
        give_money(alice, 100_00)
    assert list(map(str, months_of(wallet, now))) == ["2027-02", "2027-01", "2026-12", "2026-11"]
    assert months_of(wallet, datetime(2026, 10, 1, tzinfo=UTC)) == [OCTOBER]


@pytest.mark.parametrize(
    "code", ["", "2026", "2026-13", "2026-00", "0000-01", "2026-1", "2026-11-01", "-1-01", "٢٠٢٦-١١"]
)
def test_what_is_no_month_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Month.parse(code)


def test_a_month_is_read_as_it_is_written() -> None:
    assert Month.parse("2026-11") == NOVEMBER
    assert str(Month.parse("2026-02")) == "2026-02"
