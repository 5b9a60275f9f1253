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
    explanations.explain_and_store(prediction)
    prediction.refresh_from_db()
    assert prediction.explanation is None


def test_it_is_kept_and_made_once(result: ResultFor) -> None:
    prediction = result()
    explanations.explain_and_store(prediction)
    assert not explanations.request(prediction)
    Prediction.objects.filter(pk=prediction.pk).update(explanation={"kept": True})
    explanations.explain_and_store(prediction)
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
        patch.setattr(explanations, "explain", die)
        with pytest.raises(Killed):
            Explainer().explain_next()
    Prediction.objects.update(explanation_requested_at=timezone.now() - timedelta(minutes=1))
    assert settle_open()["to_explain"] == 0
    assert not Explainer().explain_next()
    let_leases_end()
    assert settle_open()["to_explain"] == 1
    assert Explainer().explain_next()
    prediction.refresh_from_db()
    assert prediction.explanation


def test_one_that_kills_the_explainer_is_given_up(
    alice: User, api: ApiClientFor, result: ResultFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = result()
    explanations.request(prediction)
    monkeypatch.setattr(explanations, "explain", die)
    for _attempt in range(configured.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            Explainer().explain_requested()
        let_leases_end()
    assert not Explainer().explain_requested()
    for _request in range(3):
        assert api(alice).get(address(prediction)).status_code == 503
        assert not Explainer().explain_requested()


def test_users_take_turns(alice: User, bob: User, result: ResultFor, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests one has, and whoever came first."""
    requests = [result(person_age=30 + number) for number in range(6)]
    own = {alice.pk: requests[:4], bob.pk: requests[4:]}
    for prediction in own[bob.pk]:
        Prediction.objects.filter(pk=prediction.pk).update(user=bob)
    for prediction in requests:
        assert explanations.request(Prediction.objects.get(pk=prediction.pk))
    served: list[str] = []

    def explain(_folder: object, _artifact: object, facts: dict[str, int]) -> None:
        served.append("alice" if facts["person_age"] < 34 else "bob")
        raise ValueError("this test needs no explanation")

    monkeypatch.setattr(explanations, "explain", explain)
    Explainer().explain_requested()
    assert sorted(served[:2]) == sorted(served[2:4]) == ["alice", "bob"]
    assert served[4:] == ["alice", "alice"]


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
