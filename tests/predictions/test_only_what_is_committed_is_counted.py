"""Orders, money, results and explanations are counted for Prometheus, each once it is committed."""

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing import services as billing
from predictions import tasks
from predictions.jobs import monitor, transitions, worker
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.results import explanations
from predictions.scoring.schema import Applicant
from tests.support.broker import Broker
from tests.support.customers import Form
from tests.support.metrics import Counted
from tests.support.orders import OrderFor
from tests.support.people import ApiClientFor, give_money

pytestmark = pytest.mark.django_db(transaction=True)
MODEL = "logistic-regression"
ORDERS, ENDED = "creditscore_orders_total", "creditscore_predictions_ended_total"
ENTRIES, AMOUNTS = "creditscore_ledger_entries_total", "creditscore_ledger_minor_units_total"


def test_an_order_of_the_api_and_one_of_a_page(
    alice: User, api: ApiClientFor, alices: Client, form: Form, applicant: Applicant, counted: Counted
) -> None:
    give_money(alice, 100_00)
    body = {"model": MODEL, "applicant": applicant}
    key = {"Idempotency-Key": "one"}
    for _again in range(2):
        answer = api(alice).post("/api/v1/predictions/", body, format="json", headers=key)
        assert answer.status_code == 202
    assert alices.post("/predictions/new/", form).status_code == 302
    assert counted(ORDERS, model=MODEL, channel="api") == 1
    assert counted(ORDERS, model=MODEL, channel="page") == 1
    assert counted(ORDERS) == 2
    assert (counted(ENTRIES, kind="charge"), counted(AMOUNTS, kind="charge")) == (2, 20_00)
    assert (counted(ENTRIES, kind="top_up"), counted(AMOUNTS, kind="top_up")) == (1, 100_00)


def test_a_comparison_is_an_order_of_each_model(
    alice: User, catalog: None, applicant: Applicant, counted: Counted
) -> None:
    give_money(alice, 500_00)
    order_comparison(user=alice, applicant=applicant, request_key="one")
    assert [counted(ORDERS, model=slug) for slug in (MODEL, "random-forest", "catboost")] == [1, 1, 1]
    assert counted(ENTRIES, kind="charge") == 3


def test_an_order_that_is_rolled_back(alice: User, order: OrderFor, counted: Counted) -> None:
    give_money(alice, 100_00)
    with transaction.atomic():
        transitions.cancel(order(alice))
        transaction.set_rollback(True)
    assert not Prediction.objects.exists()
    assert counted(ORDERS) == counted(ENDED) == counted(ENTRIES, kind="charge") == 0


def test_results(alice: User, order: OrderFor, counted: Counted) -> None:
    give_money(alice, 100_00)
    rows = [order(alice), order(alice, loan_grade="G", loan_int_rate=22.0)]
    worker.score_queued()
    scores = [Prediction.objects.get(pk=row.pk).approval_probability or 0 for row in rows]
    assert counted(ENDED, model=MODEL, status="succeeded", failure="") == counted(ENDED) == 2
    assert counted("creditscore_prediction_seconds_count", model=MODEL, status="succeeded") == 2
    assert 0 < counted("creditscore_prediction_seconds_sum") < 60
    assert counted("creditscore_approval_probability_count", model=MODEL) == 2
    assert counted("creditscore_approval_probability_sum", model=MODEL) == pytest.approx(sum(scores))
    low = sum(score <= 0.5 for score in scores)
    assert counted("creditscore_approval_probability_bucket", model=MODEL, le="0.5") == low


def test_results_that_came_too_late(alice: User, order: OrderFor, counted: Counted) -> None:
    """Another worker has got one of two rows in the meantime."""
    give_money(alice, 100_00)
    lost, kept = order(alice), order(alice)
    claimed = worker.claim(Prediction.objects.queued(), 2)
    transitions.requeue(Prediction.objects.filter(pk=lost.pk))
    worker.score_claimed(claimed)
    assert counted(ENDED) == counted("creditscore_approval_probability_count") == 1
    worker.score_queued()
    assert counted(ENDED) == 2
    assert not Prediction.objects.pending().exists()
    assert kept.pk != lost.pk


def test_failures_and_their_refunds(
    alice: User, order: OrderFor, counted: Counted, settings: Settings, tmp_path: Path
) -> None:
    give_money(alice, 100_00)
    unfit = order(alice)
    Prediction.objects.filter(pk=unfit.pk).update(applicant={"person_age": "none of the others"})
    worker.score_queued()
    order(alice)
    settings.ARTIFACTS_DIR = tmp_path
    settings.MAX_ATTEMPTS = 1
    worker.score_queued()
    assert counted(ENDED, model=MODEL, status="failed", failure="scoring_failed") == 1
    assert counted(ENDED, model=MODEL, status="failed", failure="model_unavailable") == 1
    assert counted(ENDED) == 2
    assert (counted(ENTRIES, kind="refund"), counted(AMOUNTS, kind="refund")) == (2, 20_00)
    assert counted("creditscore_approval_probability_count") == 0


def test_a_deadline_and_a_cancellation(
    alice: User, order: OrderFor, counted: Counted, settings: Settings
) -> None:
    give_money(alice, 100_00)
    transitions.cancel(order(alice))
    order(alice)
    settings.DEADLINE *= 0
    assert monitor.settle_open()["deadline_passed"] == 1
    assert counted(ENDED, status="canceled", failure="") == 1
    assert counted(ENDED, status="failed", failure="deadline_passed") == 1
    assert counted(ENTRIES, kind="refund") == 2


def test_an_explanation(alice: User, order: OrderFor, counted: Counted) -> None:
    give_money(alice, 100_00)
    prediction = order(alice)
    worker.score_queued()
    assert explanations.request(prediction)
    explanations.Explainer().explain_requested()
    assert counted("creditscore_explanation_seconds_count", model=MODEL) == 1
    assert counted("creditscore_explanation_seconds_sum", model=MODEL) > 0


def test_a_message_that_is_not_published(own_broker: Broker, counted: Counted) -> None:
    assert tasks.notify_workers()
    assert counted("creditscore_failures_total", kind="publish") == 0
    own_broker.stop()
    assert not tasks.notify_workers()
    assert counted("creditscore_failures_total", kind="publish") == 1


def test_a_fault_of_the_counting_is_no_fault_of_the_order(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the folder of the counts is on a full disk."""

    def full(*_labels: str) -> None:
        raise OSError("No space left on device")

    give_money(alice, 100_00)
    for metric in ("_ORDERS", "_ENTRIES", "_ENDED"):
        monkeypatch.setattr(f"telemetry.metrics.{metric}.labels", full)
    prediction = order(alice)
    worker.score_queued()
    prediction.refresh_from_db()
    assert prediction.status == "succeeded"
    assert billing.wallet_of(alice).balance == 90_00
    assert "No space left on device" in caplog.text
