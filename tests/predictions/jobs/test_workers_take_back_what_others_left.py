"""Before it claims rows, a worker ends the leases that have run out, so no schedule is needed for it."""

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing.services import wallet_of
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture
def left(alice: User, order: OrderFor) -> Prediction:
    """A row that a worker has claimed and never finished; its lease has ended."""
    give_money(alice, 100_00)
    prediction = order(alice)
    assert worker.claim(Prediction.objects.queued(), 1)
    before = timezone.now() - configured.LEASE - timedelta(seconds=1)
    Prediction.objects.update(claimed_at=before)
    return prediction


def test_a_lease_begins_with_the_claim(left: Prediction) -> None:
    """Otherwise it would never end, and what a killed worker has left would wait for the deadline."""
    Prediction.objects.update(status="queued", claim=None, claimed_at=None)
    before = timezone.now()
    (claimed,) = worker.claim(Prediction.objects.queued(), 1)
    assert claimed.claimed_at is not None
    assert before <= claimed.claimed_at <= timezone.now()


def test_it_is_scored_by_the_next_worker(left: Prediction) -> None:
    assert not worker.score_queued()
    left.refresh_from_db()
    assert (left.status, left.attempts) == ("succeeded", 2)


def test_without_attempts_left_it_is_refunded(alice: User, left: Prediction) -> None:
    Prediction.objects.update(attempts=configured.MAX_ATTEMPTS)
    worker.score_queued()
    left.refresh_from_db()
    assert (left.status, left.failure) == ("failed", "attempts_exhausted")
    assert wallet_of(alice).balance == 100_00
    call_command("check_ledger")


def test_what_another_worker_holds_is_left_to_it(left: Prediction) -> None:
    Prediction.objects.update(claimed_at=timezone.now())
    worker.score_queued()
    left.refresh_from_db()
    assert (left.status, left.attempts) == ("running", 1)


def test_it_costs_one_read_when_nothing_was_left(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        worker.score_queued()
    assert len([query for query in queries if "claimed_at" in query["sql"]]) == 1, queries.captured_queries
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
