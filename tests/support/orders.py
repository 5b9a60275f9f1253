"""A prediction in one line: pending, finished, or with its links read."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import pytest
from django.conf import settings

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant, Value
from tests.support.people import give_money

OrderFor: TypeAlias = Callable[..., Prediction]
Bought: TypeAlias = Callable[..., Prediction]
ResultFor: TypeAlias = Callable[..., Prediction]
# Columns of a prediction whose model cannot be loaded; the next attempt is its last one.
UNLOADABLE: dict[str, object] = {"artifact_sha256": "0" * 64, "attempts": settings.MAX_ATTEMPTS - 1}


@pytest.fixture
def order(catalog: None, applicant: Applicant) -> OrderFor:
    """`order(alice)`: a pending prediction; the cheapest model unless another is named."""

    def order_for(user: User, model: str = "logistic-regression", **facts: Value) -> Prediction:
        return _order(user, model, applicant | facts)

    return order_for


@pytest.fixture
def bought(alice: User, catalog: None, applicant: Applicant) -> Bought:
    """`bought()`: a finished prediction of alice's; `bought(run=False)`: a pending one.

    `at` puts it to another time, and `approval` gives it another result.
    """

    def buy(
        label: str = "",
        *,
        run: bool = True,
        at: str = "",
        approval: float | None = None,
        user: User = alice,
        model: str = "logistic-regression",
        **facts: Value,
    ) -> Prediction:
        give_money(user, 100_00)
        prediction = _order(user, model, applicant | facts, label)
        if run:
            worker.score_queued()
        changes: dict[str, object] = {}
        if at:
            changes["created_at"] = datetime.fromisoformat(at)
        if approval is not None:
            changes["approval_probability"] = approval
        if changes:
            Prediction.objects.filter(pk=prediction.pk).update(**changes)
        prediction.refresh_from_db()
        return prediction

    return buy


@pytest.fixture
def result(alice: User, catalog: None, applicant: Applicant) -> ResultFor:
    """`result("catboost", loan_grade="F")`: alice's finished prediction."""
    give_money(alice, 10_000_00)

    def result_for(model: str = "catboost", **facts: Value) -> Prediction:
        prediction = _order(alice, model, applicant | facts)
        worker.score_queued()
        return Prediction.objects.with_links().get(pk=prediction.pk)

    return result_for


def _order(user: User, model: str, applicant: Applicant, label: str = "") -> Prediction:
    return order_prediction(
        user=user,
        model=ScoringModel.objects.get(slug=model),
        applicant=applicant,
        request_key=new_request_key(),
        label=label,
    ).prediction
