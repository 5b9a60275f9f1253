"""A customer in front of the order form."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from django.test import Client

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import FIELDS, SHARE_FIELD, Applicant, Value
from tests.fixtures.people import give_money

PRICES = {"logistic-regression": 10_00, "random-forest": 50_00, "catboost": 100_00}

Form: TypeAlias = dict[str, object]
Bought: TypeAlias = Callable[..., Prediction]


@pytest.fixture
def alices(client: Client, alice: User, catalog: None) -> Client:
    """Alice's browser, signed in, with 100.00 on the balance."""
    give_money(alice, 100_00)
    client.force_login(alice)
    return client


@pytest.fixture
def form() -> Form:
    """What a browser sends when the example is ordered from the cheapest model."""
    facts: Form = {field.name: str(field.example) for field in FIELDS if field.name != SHARE_FIELD}
    prices: Form = {f"price_{slug}": price for slug, price in PRICES.items()}
    return facts | prices | {"model": "logistic-regression", "request_key": new_request_key()}


@pytest.fixture
def bought(alice: User, catalog: None, applicant: Applicant) -> Bought:
    """`bought()`: a prediction of alice's that is finished; `bought(run=False)`: one that waits."""

    def buy(*, run: bool = True, model: str = "logistic-regression", **facts: Value) -> Prediction:
        give_money(alice, 100_00)
        prediction = order_prediction(
            user=alice,
            model=ScoringModel.objects.get(slug=model),
            applicant=applicant | facts,
            request_key=new_request_key(),
        ).prediction
        if run:
            worker.score_queued()
            prediction.refresh_from_db()
        return prediction

    return buy
