from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import User
from billing.services import RequestKeyReused, top_up, wallet_of
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant
from tests.support.people import give_money

pytestmark = pytest.mark.django_db(transaction=True)


def order(user: User, applicant: Applicant, slug: str = "logistic-regression") -> Prediction:
    model = ScoringModel.objects.get(slug=slug)
    return order_prediction(user=user, model=model, applicant=applicant, request_key="key").prediction


@pytest.mark.parametrize("balance", [10_00, 100_00])
def test_parallel_orders_get_the_same_prediction_even_when_the_money_is_then_gone(
    alice: User, applicant: Applicant, catalog: None, balance: int
) -> None:
    give_money(alice, balance)

    def try_order(_number: int) -> str:
        try:
            return str(order(alice, applicant).pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(try_order, range(20)))) == 1
    assert wallet_of(alice).balance == balance - 10_00


def test_the_same_again_is_said_to_be_repeated_and_no_worker_is_missed(
    alice: User, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 100_00)
    model = ScoringModel.objects.get(slug="logistic-regression")
    first, second = (
        order_prediction(user=alice, model=model, applicant=applicant, request_key="key")
        for _number in range(2)
    )
    assert (first.published, first.repeated) == (True, False)
    assert (second.published, second.repeated) == (True, True)
    assert second.prediction == first.prediction


def test_another_input_or_model_under_the_same_key_is_refused(
    alice: User, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 1000_00)
    order(alice, applicant)
    with pytest.raises(RequestKeyReused):
        order(alice, applicant | {"person_age": 40})
    with pytest.raises(RequestKeyReused):
        order(alice, applicant, "catboost")
    assert Prediction.objects.count() == 1


def test_the_key_of_a_top_up_orders_nothing(alice: User, applicant: Applicant, catalog: None) -> None:
    top_up(user=alice, amount=100_00, request_key="key")
    with pytest.raises(RequestKeyReused):
        order(alice, applicant)
    assert wallet_of(alice).balance == 100_00
