"""An order in one line."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from accounts.models import User
from billing.services import new_request_key
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant, Value

OrderFor: TypeAlias = Callable[..., Prediction]


@pytest.fixture
def order(catalog: None, applicant: Applicant) -> OrderFor:
    """`order(alice)`: a prediction that waits in the queue; the cheapest model unless another is named."""

    def order_for(user: User, model: str = "logistic-regression", **facts: Value) -> Prediction:
        return order_prediction(
            user=user,
            model=ScoringModel.objects.get(slug=model),
            applicant=applicant | facts,
            request_key=new_request_key(),
        ).prediction

    return order_for
