import pytest
from pytest_django import Settings

from accounts.models import User
from billing.services import wallet_of
from predictions.jobs.worker import score_queued
from predictions.models import Prediction, ScoringModel
from predictions.orders.comparisons import check_comparison
from predictions.orders.predictions import PriceChanged, TooManyOrders, check_prediction, order_prediction
from predictions.scoring.schema import Applicant
from tests.support.orders import OrderFor
from tests.support.people import give_money


def test_a_sold_prediction_keeps_its_price(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    prediction = order(alice)
    ScoringModel.objects.update(price=77_00)
    score_queued()
    prediction.refresh_from_db()
    assert (prediction.price, prediction.charge.amount) == (10_00, -10_00)


@pytest.mark.parametrize("agreed", [9_99, 10_01])
def test_a_price_that_has_changed_since_it_was_shown_is_not_taken(
    alice: User, applicant: Applicant, catalog: None, agreed: int
) -> None:
    """Not even when it has fallen: nobody pays more than the price of today."""
    give_money(alice, 100_00)
    model = ScoringModel.objects.get(slug="logistic-regression")
    with pytest.raises(PriceChanged) as refusal:
        order_prediction(user=alice, model=model, applicant=applicant, request_key="key", agreed_price=agreed)
    assert refusal.value.price == 10_00
    assert wallet_of(alice).balance == 100_00


def test_what_is_checked_before_an_order_is_that_price_too(
    alice: User, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 1000_00)
    model = ScoringModel.objects.get(slug="logistic-regression")
    check_prediction(alice, model, applicant, 10_00)
    check_comparison(alice, applicant, 128_00)
    with pytest.raises(PriceChanged) as refusal:
        check_prediction(alice, model, applicant, 9_99)
    assert refusal.value.price == 10_00
    with pytest.raises(PriceChanged) as refusal:
        check_comparison(alice, applicant, 127_99)
    assert refusal.value.price == 128_00


def test_orders_a_minute_have_a_limit(alice: User, bob: User, order: OrderFor, settings: Settings) -> None:
    settings.ORDERS_PER_MINUTE = 3
    for user in (alice, bob):
        give_money(user, 100_00)
    for _number in range(3):
        order(alice)
    with pytest.raises(TooManyOrders) as refusal:
        order(alice)
    assert 0 < refusal.value.retry_after <= 61
    assert wallet_of(alice).balance == 70_00
    order(bob)
    Prediction.objects.filter(user=alice).update(created_at="2020-01-01T00:00:00Z")
    order(alice)


def test_zero_is_no_limit(alice: User, order: OrderFor, settings: Settings) -> None:
    settings.ORDERS_PER_MINUTE = 0
    give_money(alice, 100_00)
    for _number in range(3):
        order(alice)
    assert wallet_of(alice).balance == 70_00
