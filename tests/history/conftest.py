"""A customer with a history, and a reader of the page that shows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant
from tests.fixtures.people import give_money

HISTORY = reverse("predictions:history")
CSV = reverse("predictions:history-csv")

Sold: TypeAlias = Callable[..., Prediction]
Shown: TypeAlias = Callable[..., list[Prediction]]


@pytest.fixture
def reader(client: Client, alice: User, catalog: None) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def sold(alice: User, catalog: None, applicant: Applicant) -> Sold:
    """`sold(label)`: a finished prediction of alice's; with `run=False` one that waits.

    `at` puts it to another time, and `approval` gives it another result.
    """

    def sell(
        label: str = "",
        *,
        model: str = "logistic-regression",
        at: str = "",
        approval: float | None = None,
        run: bool = True,
        user: User = alice,
    ) -> Prediction:
        give_money(user, 100_00)
        prediction = order_prediction(
            user=user,
            model=ScoringModel.objects.get(slug=model),
            applicant=applicant,
            request_key=new_request_key(),
            label=label,
        ).prediction
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

    return sell


@pytest.fixture
def shown(reader: Client) -> Shown:
    """`shown(status="failed")`: the rows of the page with this query."""

    def rows(**query: str) -> list[Prediction]:
        answer: Any = reader.get(HISTORY, query)
        assert answer.status_code == 200
        found: list[Prediction] = answer.context["rows"]
        return found

    return rows
