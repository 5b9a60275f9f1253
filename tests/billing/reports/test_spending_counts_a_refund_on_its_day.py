from datetime import UTC, date, datetime

from accounts.models import User
from billing import services
from billing.reports.spending import Spending, spending_of
from tests.support.ledger import charge, clock_at, refund
from tests.support.people import give_money

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def spending(user: User) -> Spending:
    return spending_of(services.wallet_of(user), NOW)


def test_days_without_movement_are_zeros(alice: User) -> None:
    found = spending(alice)
    assert [day.date for day in found.days] == [date(2026, 11, number) for number in range(1, 31)]
    assert found.is_empty
    assert found.spent == found.predictions == 0


def test_a_day_is_charges_less_refunds(alice: User) -> None:
    with clock_at("2026-11-10T10:00:00Z"):
        give_money(alice, 500_00)
        charge(alice, 100_00)
        charge(alice, 50_01)
        refund(charge(alice, 10_00))
    day = spending(alice).days[9]
    assert (day.date, day.predictions, day.charged, day.refunded) == (date(2026, 11, 10), 3, 160_01, 10_00)
    assert day.spent == 150_01


def test_a_refund_counts_on_its_own_day(alice: User) -> None:
    with clock_at("2026-11-10T23:59:59.999999Z"):
        give_money(alice, 500_00)
        paid = charge(alice, 100_00)
    with clock_at("2026-11-11T00:00:00Z"):
        refund(paid)
    found = spending(alice)
    assert [day.spent for day in found.days[8:12]] == [0, 100_00, -100_00, 0]
    assert (found.spent, found.charged, found.refunded, found.predictions) == (0, 100_00, 100_00, 1)
    assert not found.is_empty


def test_a_refund_of_an_older_charge_makes_the_sum_negative(alice: User) -> None:
    with clock_at("2026-10-31T23:59:59.999999Z"):
        give_money(alice, 500_00)
        paid = charge(alice, 100_00)
    with clock_at("2026-11-01T00:00:00Z"):
        refund(paid)
    found = spending(alice)
    assert (found.days[0].spent, found.spent, found.predictions) == (-100_00, -100_00, 0)


def test_money_that_comes_in_is_not_spent(alice: User, bob: User, operator: User) -> None:
    with clock_at("2026-11-10T10:00:00Z"):
        give_money(alice, 500_00)
        services.adjust(user=alice, amount=-7, reason="a slip", operator=operator, request_key="adjust")
        give_money(bob, 500_00)
        charge(bob, 100_00)
    assert spending(alice).is_empty


def test_today_counts_and_the_thirty_first_day_back_does_not(alice: User) -> None:
    for moment in ("2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999999Z"):
        with clock_at(moment):
            give_money(alice, 500_00)
            charge(alice, 10_00)
    found = spending(alice)
    assert (found.days[0].spent, found.days[-1].spent, found.spent) == (10_00, 10_00, 20_00)


def test_a_day_with_refunds_alone_is_not_empty(alice: User) -> None:
    with clock_at("2026-10-31T23:59:59.999999Z"):
        give_money(alice, 500_00)
        paid = charge(alice, 100_00)
    with clock_at("2026-11-20T10:00:00Z"):
        refund(paid)
    found = spending(alice)
    day = found.days[19]
    assert (day.date, day.predictions, day.charged, day.refunded) == (date(2026, 11, 20), 0, 0, 100_00)
    assert day.spent == -100_00
    assert not found.is_empty
    assert [other for other in found.days if other.spent] == [day]
