"""What workers write to the log, by which operators find orders, and how long scoring took."""

import time
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions import events
from predictions.jobs import monitor, worker
from predictions.models import Prediction, PredictionQuerySet
from tests.support.orders import OrderFor
from tests.support.people import give_money

# Lines about what is stored are written once it is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def money(alice: User) -> None:
    give_money(alice, 100_00)


def rows(*predictions: Prediction) -> PredictionQuerySet:
    return Prediction.objects.filter(pk__in=[prediction.pk for prediction in predictions])


def lines(caplog: pytest.LogCaptureFixture, logger: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == logger]


def test_results_that_came_in_time(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = order(alice)
    claimed = worker.claim(rows(prediction), 1)
    caplog.clear()
    monkeypatch.setattr(time, "perf_counter", count(1, 0.25).__next__)
    worker.score_claimed(claimed)
    prediction.refresh_from_db()
    assert prediction.scoring_ms == 250
    assert lines(caplog, worker.__name__) == []
    assert lines(caplog, events.__name__) == [
        f"prediction {prediction.pk} {step}" for step in ("scored", "stored")
    ]


def test_a_line_of_many_names_each(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "IDS_IN_A_LINE", 2)
    ids = {str(order(alice).pk) for _number in range(3)}
    ids.add(str((retried := order(alice)).pk))
    rows(retried).update(attempts=1)
    caplog.clear()
    worker.score_claimed(worker.claim(Prediction.objects.queued(), 4))
    told = [record for record in caplog.records if record.name == events.__name__]
    for step in ("claimed", "scored", "stored"):
        fields = [record.__dict__["fields"] for record in told if record.getMessage().endswith(step)]
        named = [one.get("prediction_ids") or [one["prediction_id"]] for one in fields]
        assert {pk for some in named for pk in some} == ids
        assert max(map(len, named)) == 2
    attempts = {
        record.__dict__["fields"].get("attempt") for record in told if "claimed" in record.getMessage()
    }
    assert attempts == {1, 2}


def test_results_that_came_after_their_lease(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture
) -> None:
    late, taken, kept = order(alice), order(alice), order(alice)
    claimed = worker.claim(rows(late, taken, kept), 3)
    now = timezone.now()
    rows(late).update(queued_at=now - configured.DEADLINE - timedelta(seconds=1))
    rows(taken).update(claimed_at=now - configured.LEASE - timedelta(seconds=1))
    monitor.settle_open()
    worker.score_claimed(worker.claim(rows(taken), 1))
    caplog.clear()
    worker.score_claimed(claimed)
    assert lines(caplog, worker.__name__) == ["2 results came after their lease had ended"]
    stored = [line for line in lines(caplog, events.__name__) if line.endswith("stored")]
    assert stored == [f"prediction {kept.pk} stored"]


def test_rows_that_could_not_be_scored(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture
) -> None:
    order(alice), order(alice)
    Prediction.objects.update(applicant={})
    worker.score_queued()
    version = Prediction.objects.all()[0].model_version
    failed = [f"logistic-regression {version} failed on {number} rows" for number in (2, 1, 1)]
    assert lines(caplog, worker.__name__) == failed


def test_a_model_that_could_not_be_loaded(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture, settings: Settings, tmp_path: Path
) -> None:
    version = order(alice).model_version
    settings.ARTIFACTS_DIR = tmp_path
    worker.score_queued()
    assert lines(caplog, worker.__name__) == [
        f"logistic-regression {version} cannot be loaded for 1 predictions"
    ]
