"""A challenger scores a sample of what was sold, after the customers' results, and touches no order."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.lifecycle import challengers, sales
from predictions.lifecycle.challengers import is_sampled, score_next
from predictions.lifecycle.sales import AlreadyOnSale, Unusable
from predictions.models import Challenge, ChallengerScore, Prediction, ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from tests.support.orders import Bought

SLUG = "logistic-regression"
EARLIER = timedelta(minutes=5)


def model_now() -> ScoringModel:
    return ScoringModel.objects.get(slug=SLUG)


def begin(operator: User, share_percent: int = 100, version: str = "9.0.0") -> Challenge:
    """Begun five minutes ago, so that orders of now are old enough to be dealt with."""
    challenge = challengers.begin(
        model_now(), version, share_percent=share_percent, operator=operator, reason="newer data"
    )
    Challenge.objects.filter(pk=challenge.pk).update(seen_until=timezone.now() - EARLIER)
    return challenge


def settle(prediction: Prediction) -> Prediction:
    """Put the order a minute back: everything that was ordered before it is committed now."""
    at = timezone.now() - timedelta(minutes=1)
    Prediction.objects.filter(pk=prediction.pk).update(created_at=at)
    return prediction


@pytest.fixture
def challenge(operator: User, two_versions: ArtifactRef, catalog: None) -> Challenge:
    return begin(operator)


def test_it_gives_its_own_probability_and_the_order_is_as_it_was(
    alice: User, challenge: Challenge, bought: Bought
) -> None:
    prediction = settle(bought())
    before = Prediction.objects.filter(pk=prediction.pk).values().get()
    money = wallet_of(alice).balance, Entry.objects.count()
    while score_next():
        pass
    found = ChallengerScore.objects.get()
    assert found.prediction_id == prediction.pk
    assert prediction.approval_probability is not None
    assert found.approval_probability == pytest.approx(prediction.approval_probability * 0.9, abs=1e-6)
    assert Prediction.objects.filter(pk=prediction.pk).values().get() == before
    assert (wallet_of(alice).balance, Entry.objects.count()) == money
    score_next()
    assert ChallengerScore.objects.count() == 1


def test_the_sample_follows_from_the_id_and_has_its_share() -> None:
    predictions = [Prediction(pk=uuid.UUID(int=number * 7919)) for number in range(20_000)]
    tenth = [prediction for prediction in predictions if is_sampled(prediction, 10)]
    third = [prediction for prediction in predictions if is_sampled(prediction, 30)]
    assert len(tenth) == 2_000
    assert len(third) == 6_000
    assert {prediction.pk for prediction in tenth} <= {prediction.pk for prediction in third}
    assert all(is_sampled(prediction, 100) for prediction in predictions)


def test_only_the_sample_is_scored(operator: User, two_versions: ArtifactRef, bought: Bought) -> None:
    challenge = begin(operator, share_percent=40)
    ids = {settle(bought()).pk for _number in range(8)}
    while score_next():
        pass
    sampled = {row.pk for row in Prediction.objects.all() if is_sampled(row, challenge.share_percent)}
    assert set(ChallengerScore.objects.values_list("prediction", flat=True)) == sampled & ids


def test_what_has_not_ended_waits_and_what_has_no_result_does_not_count(
    challenge: Challenge, bought: Bought
) -> None:
    pending = bought(run=False)
    later = bought(run=False)
    at = timezone.now() - timedelta(minutes=2)
    Prediction.objects.filter(pk=pending.pk).update(created_at=at)
    ended = {"status": "succeeded", "approval_probability": 0.5, "finished_at": timezone.now()}
    Prediction.objects.filter(pk=later.pk).update(created_at=at + timedelta(seconds=1), **ended)
    score_next()
    assert not ChallengerScore.objects.exists()
    canceled = {"status": "canceled", "finished_at": timezone.now()}
    Prediction.objects.filter(pk=pending.pk).update(**canceled)
    score_next()
    assert ChallengerScore.objects.get().prediction_id == later.pk


def test_orders_of_the_last_seconds_wait_for_those_that_are_not_committed_yet(
    challenge: Challenge, bought: Bought
) -> None:
    prediction = bought()
    score_next()
    assert not ChallengerScore.objects.exists()
    settle(prediction)
    score_next()
    assert ChallengerScore.objects.exists()


def test_an_applicant_that_it_cannot_score_is_noted_and_the_others_are_scored(
    challenge: Challenge, bought: Bought
) -> None:
    good, bad = settle(bought()), settle(bought())
    applicant = bad.applicant | {"loan_grade": "Z"}
    Prediction.objects.filter(pk=bad.pk).update(applicant=applicant)
    score_next()
    found = dict(ChallengerScore.objects.values_list("prediction", "approval_probability"))
    assert found.keys() == {good.pk, bad.pk}
    assert found[bad.pk] is None
    assert found[good.pk] is not None


def test_files_that_are_away_cost_no_order_and_it_goes_on_when_they_are_back(
    own_copy: Path, challenge: Challenge, bought: Bought
) -> None:
    prediction = settle(bought())
    folder = own_copy / SLUG / "9.0.0"
    folder.rename(own_copy / "away")
    artifacts._models.clear()
    assert not score_next()
    assert not ChallengerScore.objects.exists()
    (own_copy / "away").rename(folder)
    score_next()
    assert ChallengerScore.objects.get().prediction_id == prediction.pk


def test_what_has_killed_the_process_some_times_is_left_out(challenge: Challenge, bought: Bought) -> None:
    settle(bought())
    Challenge.objects.update(attempts=configured.MAX_ATTEMPTS)
    score_next()
    assert not ChallengerScore.objects.exists()
    again = settle(bought())
    Prediction.objects.filter(pk=again.pk).update(created_at=timezone.now() - timedelta(seconds=30))
    score_next()
    assert ChallengerScore.objects.get().prediction_id == again.pk


@pytest.mark.django_db(transaction=True)
def test_processes_that_score_at_the_same_time_store_once(challenge: Challenge, bought: Bought) -> None:
    ids = {settle(bought()).pk for _number in range(5)}

    def run(_number: int) -> None:
        try:
            while score_next():
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(8)))
    assert sorted(ChallengerScore.objects.values_list("prediction", flat=True)) == sorted(ids)


def test_one_runs_for_a_model_and_naming_another_ends_it(
    operator: User, challenge: Challenge, bought: Bought
) -> None:
    other = begin(operator, share_percent=5)
    challenge.refresh_from_db()
    assert challenge.ended_at
    assert Challenge.objects.get(current_of=model_now()) == other
    assert challengers.end(model_now())
    assert not challengers.end(model_now())
    settle(bought())
    assert not score_next()
    assert not ChallengerScore.objects.exists()
    both = Challenge.objects.filter(pk__in=[challenge.pk, other.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        both.update(current_of=model_now(), ended_at=None)


def test_what_is_on_sale_or_does_not_work_cannot_challenge(
    operator: User, own_copy: Path, two_versions: ArtifactRef, catalog: None
) -> None:
    with pytest.raises(AlreadyOnSale):
        begin(operator, version=model_now().on_sale.version)
    (own_copy / SLUG / "9.0.0" / "golden.json").write_text("{}")
    for version in ("9.0.0", "7.7.7"):
        with pytest.raises(Unusable):
            begin(operator, version=version)
    assert not Challenge.objects.exists()


def test_a_challenger_that_is_promoted_challenges_no_more(operator: User, challenge: Challenge) -> None:
    sales.promote(model_now(), "9.0.0", operator=operator, reason="better", seen=1)
    challenge.refresh_from_db()
    assert (challenge.current_of, bool(challenge.ended_at)) == (None, True)
