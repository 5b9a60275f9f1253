"""Query plans on both databases, with more finished than pending rows."""

import re
import uuid

import pytest
from django.utils import timezone

from accounts.models import User
from predictions import limits
from predictions.jobs.worker import score_queued
from predictions.models import Prediction, PredictionQuerySet
from predictions.results import explanations
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.plans import captured_reads, plan_as_for_many_rows


@pytest.fixture
def past(alice: User, order: OrderFor) -> None:
    give_money(alice, 4_000_00)
    for _number in range(300):
        order(alice)
    score_queued()
    Prediction.objects.update(explanation={"kept": True}, explanation_requested_at=timezone.now())
    # If none were pending, all partial indexes would cost the same.
    for _number in range(60):
        order(alice)
    plan_as_for_many_rows()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Prediction.objects.queued().order_by("queued_at")[:5], "prediction_pending"),
        (Prediction.objects.expired, "prediction_leased"),
        (Prediction.objects.pending().order_by("queued_at")[:5], "prediction_pending"),
        (explanations.waiting, "prediction_to_explain"),
        (lambda: explanations.by_turns(uuid.uuid4())[:20], "prediction_to_explain"),
    ],
)
def test_a_partial_index_serves(past: None, rows: PredictionQuerySet, index: str) -> None:
    plan = (rows if isinstance(rows, PredictionQuerySet) else rows()).explain()
    assert index in re.findall(r"\w+", plan)


def test_orders_and_explanations_of_a_minute_are_counted_by_index(past: None, alice: User) -> None:
    with captured_reads() as reads:
        limits.orders_left(alice)
        limits.explanations_left(alice)
    for read, index in zip(reads, ("prediction_by_time", "prediction_by_request"), strict=True):
        assert index in re.findall(r"\w+", read.plan)
        assert not re.search("TEMP B-TREE|Sort Key", read.plan)


def test_a_customers_open_predictions_are_found_among_open_ones(past: None, alice: User) -> None:
    waiting = Prediction.objects.of(alice).pending()
    listed = [Prediction.objects.of(alice).with_status(status) for status in Prediction.PENDING]
    for rows in (waiting, *(some.order_by("-created_at", "-pk")[:5] for some in (waiting, *listed))):
        assert re.search(r"prediction_pending(_of_user)?\b", rows.explain())
