from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions import tasks
from predictions.jobs.monitor import settle_open
from predictions.models import Prediction
from predictions.results import explanations
from predictions.results.explanations import Explainer
from predictions.scoring import explain as scoring
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.explain import Explanation
from predictions.scoring.schema import Applicant
from tests.support.messages import waiting_messages
from tests.support.orders import OrderFor, ResultFor
from tests.support.people import Answer, ApiClientFor, give_money


def address(prediction: Prediction) -> str:
    return f"/api/v1/predictions/{prediction.pk}/explanation/"


class Killed(BaseException):
    """As a signal ends a worker: no handler of the service sees it."""


def die(*_arguments: object) -> None:
    raise Killed


def let_leases_end() -> None:
    before = timezone.now() - configured.LEASE - timedelta(seconds=1)
    Prediction.objects.filter(explanation_claimed_at__isnull=False).update(explanation_claimed_at=before)


def test_nobody_asks_and_nothing_is_made(result: ResultFor) -> None:
    prediction = result()
    tasks.monitor()
    Explainer().explain_requested()
    prediction.refresh_from_db()
    assert prediction.explanation is None
    assert waiting_messages("explanations") == []


def test_a_request_is_202_with_one_message_until_it_is_there(
    alice: User, api: ApiClientFor, result: ResultFor
) -> None:
    prediction = result()
    for _poll in range(3):
        answer = api(alice).get(address(prediction))
        assert (answer.status_code, answer["Retry-After"]) == (202, "1")
    assert waiting_messages("explanations") == [[]]
    Explainer().explain_requested()
    assert api(alice).get(address(prediction)).status_code == 200
    assert waiting_messages("explanations") == [[]]


def test_there_is_one_only_when_there_is_a_result(alice: User, api: ApiClientFor, order: OrderFor) -> None:
    give_money(alice, 100_00)
    prediction = order(alice)
    assert api(alice).get(address(prediction)).status_code == 202
    prediction.refresh_from_db()
    assert prediction.explanation_requested_at is None
    assert waiting_messages("explanations") == []
    explanations.explain_and_store([prediction])
    prediction.refresh_from_db()
    assert prediction.explanation is None


def test_it_is_kept_and_made_once(result: ResultFor) -> None:
    prediction = result()
    explanations.explain_and_store([prediction])
    assert not explanations.request(prediction)
    Prediction.objects.filter(pk=prediction.pk).update(explanation={"kept": True})
    explanations.explain_and_store([prediction])
    prediction.refresh_from_db()
    assert prediction.explanation == {"kept": True}


def test_one_that_cannot_be_explained_does_not_stand_in_the_way(result: ResultFor) -> None:
    bad, good = result(person_age=30), result(person_age=31)
    Prediction.objects.filter(pk=bad.pk).update(applicant={})
    for prediction in (bad, good):
        explanations.request(prediction)
    assert not Explainer().explain_requested()
    good.refresh_from_db()
    assert good.explanation


def test_an_artifact_that_is_gone_is_said_and_tried_again_when_asked(
    alice: User, api: ApiClientFor, result: ResultFor, settings: Settings, tmp_path: Path
) -> None:
    def ask() -> Answer:
        answer = api(alice).get(address(prediction))
        Explainer().explain_requested()
        return answer

    prediction, artifacts = result(), settings.ARTIFACTS_DIR
    settings.ARTIFACTS_DIR = tmp_path
    assert ask().status_code == 202
    for _failure in range(configured.MAX_ATTEMPTS + 1):
        assert ask().status_code == 503
    settings.ARTIFACTS_DIR = artifacts
    assert [ask().status_code for _request in range(2)] == [503, 200]


def test_what_an_explainer_works_on_is_left_to_it_until_its_lease_ends(
    result: ResultFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = result()
    explanations.request(prediction)
    with monkeypatch.context() as patch:
        patch.setattr(explanations, "explain_all", die)
        with pytest.raises(Killed):
            Explainer().explain_requested()
    Prediction.objects.update(explanation_requested_at=timezone.now() - timedelta(minutes=1))
    assert settle_open()["to_explain"] == 0
    Explainer().explain_requested()
    prediction.refresh_from_db()
    assert prediction.explanation is None
    let_leases_end()
    assert settle_open()["to_explain"] == 1
    Explainer().explain_requested()
    prediction.refresh_from_db()
    assert prediction.explanation


def test_one_that_kills_the_explainer_is_given_up(
    alice: User, api: ApiClientFor, result: ResultFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = result()
    explanations.request(prediction)
    monkeypatch.setattr(explanations, "explain_all", die)
    for _attempt in range(configured.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            Explainer().explain_requested()
        let_leases_end()
    assert not Explainer().explain_requested()
    for _request in range(3):
        assert api(alice).get(address(prediction)).status_code == 503
        assert not Explainer().explain_requested()


@pytest.fixture
def ages_together(monkeypatch: pytest.MonkeyPatch) -> list[list[object]]:
    """The ages in each call of the models."""
    calls: list[list[object]] = []

    def explain_all(folder: Path, ref: ArtifactRef, applicants: Sequence[Applicant]) -> list[Explanation]:
        calls.append([applicant.get("person_age") for applicant in applicants])
        return scoring.explain_all(folder, ref, applicants)

    monkeypatch.setattr(explanations, "explain_all", explain_all)
    return calls


def test_those_of_a_model_are_made_together(result: ResultFor, ages_together: list[list[object]]) -> None:
    """However many wait; each gets its own."""
    requests = [result("logistic-regression", person_age=30 + number) for number in range(25)]
    other = result("random-forest", person_age=60)
    for prediction in (*requests, other):
        assert explanations.request(prediction)
    assert Explainer().explain_requested()
    assert ages_together == [list(range(30, 50))]
    assert not Explainer().explain_requested()
    assert ages_together[1:] == [list(range(50, 55)), [60]]
    for prediction in (*requests, other):
        prediction.refresh_from_db()
        explanation = explanations.explanation_of(prediction)
        assert explanation
        assert explanation.approval_probability == prediction.approval_probability
        assert explanation.contributions[0].value == prediction.facts["person_age"]


def test_only_what_cannot_be_explained_fails(result: ResultFor, ages_together: list[list[object]]) -> None:
    requests = [result("logistic-regression", person_age=30 + number) for number in range(3)]
    for prediction in requests:
        assert explanations.request(prediction)
    bad = requests[1]
    Prediction.objects.filter(pk=bad.pk).update(applicant={})
    Explainer().explain_requested()
    assert ages_together == [[30, None, 32], [30], [None], [32]]
    for prediction in requests:
        prediction.refresh_from_db()
        assert bool(prediction.explanation) == (prediction != bad)
    assert explanations.has_failed(requests[1])


def test_what_may_have_killed_an_explainer_is_made_alone(
    result: ResultFor, ages_together: list[list[object]]
) -> None:
    requests = [result("logistic-regression", person_age=30 + number) for number in range(4)]
    for prediction in requests:
        assert explanations.request(prediction)
    Prediction.objects.filter(pk=requests[1].pk).update(explanation_attempts=1)
    explainer = Explainer()
    assert [explainer.explain_requested() for _time in range(3)] == [True, True, False]
    assert ages_together == [[30], [31], [32, 33]]


def test_users_take_turns(
    alice: User,
    bob: User,
    result: ResultFor,
    ages_together: list[list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many requests one has, and whoever came first; those of each in the order of requests."""
    monkeypatch.setattr(explanations, "MAX_AT_ONCE", 3)
    requests = [result("logistic-regression", person_age=30 + number) for number in range(8)]
    Prediction.objects.filter(pk__in=[prediction.pk for prediction in requests[4:]]).update(user=bob)
    for prediction in requests:
        assert explanations.request(Prediction.objects.get(pk=prediction.pk))
    explainer = Explainer()
    assert explainer.explain_requested()
    assert explainer.explain_requested()
    one, other = (30, 34) if alice.pk < bob.pk else (34, 30)
    assert ages_together == [[one, other, one + 1], [other + 1, one + 2, other + 2]]


def test_the_task_hands_over_when_more_is_left(result: ResultFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanations, "MAX_AT_ONCE", 2)
    for number in range(3):
        explanations.request(result("logistic-regression", person_age=30 + number))
    tasks.explain_requested()
    assert waiting_messages("explanations") == [[]]
    assert explanations.waiting().count() == 1
    tasks.explain_requested()
    assert waiting_messages("explanations") == [[]]
    assert not explanations.waiting().exists()


def test_a_failed_prediction_has_none(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    prediction = result()
    Prediction.objects.filter(pk=prediction.pk).update(
        status="failed", failure="scoring_failed", approval_probability=None
    )
    assert api(alice).get(address(prediction)).status_code == 404


def test_somebody_elses_is_not_there(bob: User, api: ApiClientFor, result: ResultFor) -> None:
    assert api(bob).get(address(result())).status_code == 404
