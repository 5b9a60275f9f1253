"""Query plans on both databases, with more finished than pending rows."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from predictions.jobs.worker import score_queued
from predictions.models import Prediction, PredictionQuerySet
from predictions.results import explanations
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture
def past(alice: User, order: OrderFor) -> None:
    give_money(alice, 10_000_00)
    for _number in range(300):
        order(alice)
    score_queued()
    Prediction.objects.update(explanation={"kept": True}, explanation_requested_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Prediction.objects.queued().order_by("queued_at"), "prediction_pending"),
        (Prediction.objects.expired, "prediction_leased"),
        (Prediction.objects.pending().order_by("queued_at"), "prediction_pending"),
        (explanations.waiting, "prediction_to_explain"),
    ],
)
def test_a_partial_index_serves(past: None, rows: PredictionQuerySet, index: str) -> None:
    plan = (rows if isinstance(rows, PredictionQuerySet) else rows()).explain()
    assert index in re.findall(r"\w+", plan)


def test_recent_requests_of_explanations_are_counted_by_index(past: None, alice: User) -> None:
    recent = Prediction.objects.of(alice).filter(explanation_requested_at__gt=timezone.now())
    plan = recent.order_by("-explanation_requested_at", "-pk").explain()
    assert "prediction_by_request" in re.findall(r"\w+", plan)


def test_a_customers_open_predictions_are_found_among_open_ones(past: None, alice: User) -> None:
    waiting = Prediction.objects.of(alice).pending()
    for rows in (waiting, waiting.order_by("-created_at", "-pk")[:5]):
        assert re.search(r"prediction_pending(_of_user)?\b", rows.explain())
