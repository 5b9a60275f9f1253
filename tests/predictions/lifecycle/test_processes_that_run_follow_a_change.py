"""A worker that has loaded one version serves the next one as soon as it is on sale, without a restart."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import User
from predictions import tasks
from predictions.lifecycle import challengers
from predictions.lifecycle.sales import promote
from predictions.models import Challenge, ChallengerScore, Prediction, ScoringModel, VersionCheck
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from tests.support.orders import Bought
from tests.support.processes import StartWorker, wait_for

SLUG = "logistic-regression"


def is_settled(prediction: Prediction) -> bool:
    prediction.refresh_from_db()
    return not prediction.is_pending


def test_a_worker_that_has_loaded_the_old_version_scores_with_the_new_one_and_back(
    operator: User, own_copy: Path, two_versions: ArtifactRef, bought: Bought, start_worker: StartWorker
) -> None:
    model = ScoringModel.objects.get(slug=SLUG)
    start_worker(queues="orders", ARTIFACTS_DIR=str(own_copy))

    def sold() -> Prediction:
        prediction = bought(run=False)
        tasks.notify_workers()
        wait_for(lambda: is_settled(prediction))
        return prediction

    old = sold()
    promote(model, "9.0.0", operator=operator, reason="better", seen=1)
    new = sold()
    promote(model, old.model_version, operator=operator, reason="worse", seen=2)
    again = sold()
    assert [row.model_version for row in (old, new, again)] == [old.model_version, "9.0.0", old.model_version]
    assert old.approval_probability is not None
    assert new.approval_probability == pytest.approx(old.approval_probability * 0.9, abs=1e-6)
    assert again.approval_probability == old.approval_probability


def test_the_bulk_role_checks_versions_and_lets_challengers_score(
    operator: User, own_copy: Path, two_versions: ArtifactRef, bought: Bought, start_worker: StartWorker
) -> None:
    model = ScoringModel.objects.get(slug=SLUG)
    prediction = bought(at=(timezone.now() - timedelta(minutes=1)).isoformat())
    challengers.begin(model, "9.0.0", share_percent=100, operator=operator, reason="newer data")
    Challenge.objects.update(seen_until=timezone.now() - timedelta(minutes=5))
    start_worker(queues="bulk", ARTIFACTS_DIR=str(own_copy))
    count = sum(len(artifacts.versions(own_copy, row.slug)) for row in ScoringModel.objects.all())
    wait_for(lambda: ChallengerScore.objects.filter(prediction=prediction).exists())
    wait_for(lambda: VersionCheck.objects.filter(problem="").count() == count)


def test_a_worker_loads_what_is_put_on_sale_before_an_order_needs_it(
    operator: User, own_copy: Path, two_versions: ArtifactRef, bought: Bought, start_worker: StartWorker
) -> None:
    """So a file that can no longer be read is not missed."""
    model = ScoringModel.objects.get(slug=SLUG)
    worker = start_worker(queues="orders", ARTIFACTS_DIR=str(own_copy))
    promote(model, "9.0.0", operator=operator, reason="better", seen=1)
    wait_for(lambda: f"{SLUG} 9.0.0 is loaded" in worker.log.read_text())
    prediction = bought(run=False)
    (own_copy / SLUG / "9.0.0" / "model.json").unlink()
    tasks.notify_workers()
    wait_for(lambda: is_settled(prediction))
    assert prediction.status == Prediction.Status.SUCCEEDED
