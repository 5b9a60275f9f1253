from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.utils import timezone

from accounts.models import User
from predictions.jobs import monitor, worker
from predictions.jobs.monitor import oldest_pending_seconds, settle_open
from predictions.models import Prediction, PredictionQuerySet
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture(autouse=True)
def money(alice: User) -> None:
    give_money(alice, 100_00)


def rows(*predictions: Prediction) -> PredictionQuerySet:
    return Prediction.objects.filter(pk__in=[prediction.pk for prediction in predictions])


def test_each_kind_is_counted_and_logged(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture
) -> None:
    late, exhausted, expired, waiting, result = (order(alice) for _number in range(5))
    now = timezone.now()
    worker.score_claimed(worker.claim(rows(result), 1))
    worker.claim(rows(exhausted, expired), 2)
    rows(exhausted, expired).update(claimed_at=now - 2 * configured.LEASE)
    rows(exhausted).update(attempts=configured.MAX_ATTEMPTS)
    rows(late).update(queued_at=now - 2 * configured.DEADLINE)
    rows(waiting, expired).update(queued_at=now - 2 * monitor.GRACE)
    rows(result).update(explanation_requested_at=now - 2 * monitor.GRACE)
    caplog.clear()
    assert settle_open() == {
        "deadline_passed": 1,
        "attempts_exhausted": 1,
        "requeued": 1,
        "queued": 2,
        "to_explain": 1,
    }
    told = "deadline_passed 1, attempts_exhausted 1, requeued 1, queued 2, to_explain 1"
    assert [record.getMessage() for record in caplog.records if record.name == monitor.__name__] == [
        f"monitor: {told}"
    ]


def test_what_was_asked_for_just_now_is_left_to_those_who_know_of_it(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # However slow this test is, it was just now.
    monkeypatch.setattr(monitor, "GRACE", timedelta(hours=1))
    result = order(alice)
    worker.score_claimed(worker.claim(rows(result), 1))
    order(alice)
    rows(result).update(explanation_requested_at=timezone.now())
    caplog.clear()
    kinds = ["deadline_passed", "attempts_exhausted", "requeued", "queued", "to_explain"]
    assert settle_open() == dict.fromkeys(kinds, 0)
    assert not [record for record in caplog.records if record.name == monitor.__name__]


def test_the_age_of_the_oldest_one_that_is_pending(alice: User, order: OrderFor) -> None:
    assert oldest_pending_seconds() == 0
    done, running, queued = (order(alice) for _number in range(3))
    worker.score_claimed(worker.claim(rows(done), 1))
    worker.claim(rows(running), 1)
    now = timezone.now()
    for prediction, minutes in ((done, 30), (running, 20), (queued, 10)):
        rows(prediction).update(queued_at=now - timedelta(minutes=minutes))
    assert 20 * 60 <= oldest_pending_seconds() < 30 * 60
