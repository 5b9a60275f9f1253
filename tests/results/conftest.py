"""A bought result in one line."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs.worker import score_queued
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant, Value
from tests.fixtures.people import give_money

ResultFor: TypeAlias = Callable[..., Prediction]
MODELS = ("logistic-regression", "random-forest", "catboost")


@pytest.fixture
def result(alice: User, catalog: None, applicant: Applicant) -> ResultFor:
    """`result("catboost", loan_grade="F")`: alice's finished prediction."""
    give_money(alice, 10_000_00)

    def result_for(model: str = "catboost", **facts: Value) -> Prediction:
        prediction = order_prediction(
            user=alice,
            model=ScoringModel.objects.get(slug=model),
            applicant=applicant | facts,
            request_key=new_request_key(),
        ).prediction
        score_queued()
        return Prediction.objects.with_links().get(pk=prediction.pk)

    return result_for
