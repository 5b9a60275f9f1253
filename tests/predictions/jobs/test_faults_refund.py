import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import services as billing
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs import monitor, transitions, worker
from predictions.jobs.monitor import settle_open
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture(autouse=True)
def money(alice: User) -> None:
    give_money(alice, 1000_00)


def refunded(prediction: Prediction, failure: str) -> bool:
    """Failed for this reason, its money back, once, and the books right."""
    prediction = Prediction.objects.get(pk=prediction.pk)
    call_command("check_ledger")
    refunds = Entry.objects.filter(kind="refund", reverses=prediction.charge)
    assert [entry.amount for entry in refunds] == [prediction.price]
    return (prediction.status, prediction.failure) == ("failed", failure)


def end_leases() -> None:
    """As when the workers of all running rows died long ago."""
    Prediction.objects.running().update(claimed_at=timezone.now() - configured.LEASE - timedelta(seconds=1))


def test_an_input_that_cannot_be_scored_is_refunded_and_its_neighbours_are_scored(
    alice: User, order: OrderFor
) -> None:
    first, bad, last = order(alice), order(alice), order(alice)
    Prediction.objects.filter(pk=bad.pk).update(applicant={"person_age": "none of the others"})
    claimed = {row.pk: row for row in worker.claim(Prediction.objects.queued(), 3)}
    worker.score_claimed([claimed[row.pk] for row in (first, bad, last)])
    assert refunded(bad, "scoring_failed")
    for prediction in (first, last):
        prediction.refresh_from_db()
        assert prediction.status == "succeeded"
    assert wallet_of(alice).balance == 1000_00 - 2 * 10_00


def test_a_model_file_that_is_missing_for_a_moment_costs_an_attempt_and_no_refund(
    order: OrderFor, alice: User, settings: Settings, tmp_path: Path
) -> None:
    prediction, artifacts = order(alice), settings.ARTIFACTS_DIR
    settings.ARTIFACTS_DIR = tmp_path
    score_queued()
    prediction.refresh_from_db()
    assert prediction.status == "running"
    settings.ARTIFACTS_DIR = artifacts
    end_leases()
    score_queued()
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == ("succeeded", 2)
    assert not Entry.objects.filter(kind="refund").exists()


def test_a_model_that_vanished_for_good_is_refunded_after_the_last_attempt(
    alice: User, order: OrderFor, settings: Settings, tmp_path: Path
) -> None:
    prediction = order(alice)
    settings.ARTIFACTS_DIR = tmp_path
    for _attempt in range(configured.MAX_ATTEMPTS):
        prediction.refresh_from_db()
        assert prediction.status in ("queued", "running")
        end_leases()
        score_queued()
    assert refunded(prediction, "model_unavailable")


def test_a_worker_that_dies_again_and_again_ends_in_a_refund(alice: User, order: OrderFor) -> None:
    prediction = order(alice)
    for _attempt in range(configured.MAX_ATTEMPTS):
        settle_open()
        assert worker.claim(Prediction.objects.queued(), 1)
        end_leases()
    assert settle_open()["attempts_exhausted"] == 1
    assert refunded(prediction, "attempts_exhausted")


@pytest.mark.parametrize("claimed", [False, True])
def test_a_prediction_that_passes_its_deadline_is_refunded(
    alice: User, order: OrderFor, claimed: bool
) -> None:
    prediction = order(alice)
    if claimed:
        worker.claim(Prediction.objects.queued(), 1)
    late = timezone.now() - configured.DEADLINE - timedelta(seconds=1)
    Prediction.objects.update(queued_at=late)
    assert settle_open()["deadline_passed"] == 1
    assert refunded(prediction, "deadline_passed")
    score_queued()
    assert refunded(prediction, "deadline_passed")


def test_a_result_that_comes_after_the_refund_is_dropped(alice: User, order: OrderFor) -> None:
    prediction = order(alice)
    claimed = worker.claim(Prediction.objects.queued(), 1)
    Prediction.objects.update(queued_at=timezone.now() - configured.DEADLINE - timedelta(seconds=1))
    settle_open()
    worker.score_claimed(claimed)
    assert refunded(prediction, "deadline_passed")


def test_a_result_that_comes_after_the_lease_was_given_to_another_is_dropped(
    alice: User, order: OrderFor
) -> None:
    prediction = order(alice)
    slow = worker.claim(Prediction.objects.queued(), 1)
    end_leases()
    assert settle_open()["requeued"] == 1
    quick = worker.claim(Prediction.objects.queued(), 1)
    worker.score_claimed(slow)
    prediction.refresh_from_db()
    assert prediction.status == "running"
    worker.score_claimed(quick)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == ("succeeded", 2)


def test_a_failure_that_comes_after_the_lease_was_given_to_another_changes_nothing(
    alice: User, order: OrderFor
) -> None:
    prediction = order(alice)
    slow = worker.claim(Prediction.objects.queued(), 1)
    end_leases()
    assert settle_open()["requeued"] == 1
    quick = worker.claim(Prediction.objects.queued(), 1)
    slow[0].applicant = {"person_age": "what this worker cannot read"}
    worker.score_claimed(slow)
    prediction.refresh_from_db()
    assert prediction.status == "running"
    assert wallet_of(alice).balance == 1000_00 - prediction.price
    worker.score_claimed(quick)
    prediction.refresh_from_db()
    assert prediction.status == "succeeded"


class Killed(BaseException):
    """As a signal ends a worker: no handler of the service sees it."""


def test_a_row_that_kills_its_worker_uses_up_nobody_elses_attempts(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspect = order(alice)
    Prediction.objects.filter(pk=suspect.pk).update(attempts=1)
    fresh = [order(alice).pk for _number in range(3)]

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(worker, "score", die)
        with pytest.raises(Killed):
            score_queued()
    assert set(Prediction.objects.filter(pk__in=fresh).values_list("status", "attempts")) == {("queued", 0)}
    score_queued()
    assert Prediction.objects.filter(pk__in=fresh, status="succeeded", attempts=1).count() == 3


def test_rows_that_were_given_up_before_are_claimed_one_at_a_time(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one of them that kills workers does not cost the others an attempt."""
    for _number in range(3):
        order(alice)
    Prediction.objects.update(attempts=1)

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(worker, "score", die)
        with pytest.raises(Killed):
            score_queued()
    states = Prediction.objects.order_by("attempts").values_list("status", "attempts")
    assert list(states) == [("queued", 1), ("queued", 1), ("running", 2)]
    score_queued()
    assert Prediction.objects.filter(status="succeeded", attempts=2).count() == 2


def test_a_fault_of_the_database_is_left_to_the_lease(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = order(alice)

    def deadlock(*_arguments: object, **_more: object) -> int:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patch:
        patch.setattr(transitions, "succeed", deadlock)
        with pytest.raises(OperationalError):
            score_queued()
    prediction.refresh_from_db()
    assert prediction.status == "running"
    end_leases()
    settle_open()
    score_queued()
    prediction.refresh_from_db()
    assert prediction.status == "succeeded"


def test_one_that_cannot_be_settled_does_not_stand_in_the_way(
    alice: User, order: OrderFor, caplog: pytest.LogCaptureFixture
) -> None:
    broken, late, dead = order(alice), order(alice), order(alice)
    with transaction.atomic():
        billing.refund(broken.charge)
    long_ago = timezone.now() - configured.DEADLINE - timedelta(seconds=1)
    Prediction.objects.filter(pk__in=[broken.pk, late.pk]).update(queued_at=long_ago)
    worker.claim(Prediction.objects.filter(pk=dead.pk), 1)
    Prediction.objects.filter(pk=dead.pk).update(claimed_at=timezone.now() - 2 * configured.LEASE)
    report = settle_open()
    assert (report["deadline_passed"], report["requeued"]) == (1, 1)
    late.refresh_from_db()
    assert late.status == "failed"
    (told,) = [record for record in caplog.records if record.exc_info]
    assert told.getMessage() == f"prediction {broken.pk} cannot be settled"
    assert vars(told)["fields"] == {"prediction_id": str(broken.pk)}


def test_the_monitor_leaves_alone_what_is_in_order(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this test is, workers have just been notified of the queued row.
    monkeypatch.setattr(monitor, "GRACE", timedelta(hours=1))
    done, claimed, waiting = order(alice), order(alice), order(alice)
    worker.score_claimed(worker.claim(Prediction.objects.filter(pk=done.pk), 1))
    worker.claim(Prediction.objects.filter(pk=claimed.pk), 1)
    rows = Prediction.objects.order_by("pk")
    before = list(rows.values())
    assert set(settle_open().values()) == {0}
    assert list(rows.values()) == before
    assert sorted(row["status"] for row in before) == ["queued", "running", "succeeded"]
    assert waiting.pk in Prediction.objects.queued().values_list("pk", flat=True)


def test_a_copy_of_the_artifacts_scores_the_same(
    alice: User, order: OrderFor, settings: Settings, tmp_path: Path
) -> None:
    """A stored version is found by its hash, wherever the folder lies."""
    first = order(alice)
    score_queued()
    shutil.copytree(configured.ARTIFACTS_DIR, tmp_path / "copy")
    settings.ARTIFACTS_DIR = tmp_path / "copy"
    second = order(alice)
    score_queued()
    results = Prediction.objects.filter(pk__in=[first.pk, second.pk])
    assert len({row.approval_probability for row in results}) == 1
