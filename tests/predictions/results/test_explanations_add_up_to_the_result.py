import time
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from predictions.models import Prediction
from predictions.results import explanations
from predictions.scoring.schema import FIELD_NAMES
from predictions.tasks import explain
from tests.support.addresses import MODELS
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor
from tests.support.processes import Worker


@pytest.mark.parametrize("model", MODELS)
def test_contributions_add_up_to_the_sold_probability(
    alice: User, api: ApiClientFor, result: ResultFor, model: str
) -> None:
    prediction = result(model)
    explanations.explain_next()
    answer = api(alice).get(f"/api/v1/predictions/{prediction.pk}/explanation/")
    assert answer.status_code == 200
    explanation = answer.json()
    assert explanation["approval_probability"] == prediction.approval_probability
    total = explanation["base"] + sum(row["contribution"] for row in explanation["contributions"])
    assert total == pytest.approx(prediction.approval_probability, abs=1e-9)
    assert {row["field"] for row in explanation["contributions"]} <= set(FIELD_NAMES)


def test_reasons_speak_of_this_very_row_in_the_readers_language(
    alice: User, api: ApiClientFor, result: ResultFor
) -> None:
    prediction = result(loan_amnt=34_000, loan_percent_income=0.5, loan_grade="E", loan_int_rate=18.5)
    explanations.explain_next()
    address = f"/api/v1/predictions/{prediction.pk}/explanation/"
    texts = {
        language: {
            reason["code"]: reason["text"]
            for reason in api(alice).get(address, headers={"Accept-Language": language}).json()["reasons"]
        }
        for language in ("en", "ru")
    }
    assert 1 <= len(texts["en"]) <= 4
    assert texts["en"].keys() == texts["ru"].keys()
    assert texts["en"]["LOAN_TO_INCOME"] == "The loan of 34,000 USD is 50% of yearly income."
    assert "50" in texts["ru"]["LOAN_TO_INCOME"]
    for code, text in texts["en"].items():
        assert text != texts["ru"][code]


def test_it_is_202_until_it_is_there(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    prediction = result()
    address = f"/api/v1/predictions/{prediction.pk}/explanation/"
    assert api(alice).get(address).status_code == 202
    explanations.explain_next()
    assert api(alice).get(address).status_code == 200


def test_it_is_kept_and_made_once(result: ResultFor) -> None:
    prediction = result()
    explanations.explain_and_store(prediction)
    assert not explanations.unexplained_results().exists()
    Prediction.objects.filter(pk=prediction.pk).update(explanation={"kept": True})
    explanations.explain_and_store(prediction)
    prediction.refresh_from_db()
    assert prediction.explanation == {"kept": True}


def test_one_chain_explains_all_however_often_it_is_begun(result: ResultFor) -> None:
    for number in range(3):
        result(person_age=30 + number)
    assert explanations.start_chain()
    assert not explanations.start_chain()
    links = 0
    while explanations.explain_next():
        links += 1
    assert links == 3
    assert not Prediction.objects.unexplained().exists()
    result(person_age=40)
    assert explanations.start_chain()


def test_one_that_cannot_be_explained_does_not_stand_in_the_way(result: ResultFor) -> None:
    good, bad = result(person_age=30), result(person_age=31)
    Prediction.objects.filter(pk=bad.pk).update(applicant={})
    while explanations.explain_next():
        pass
    good.refresh_from_db()
    assert good.explanation


def test_asking_explains_an_old_result_and_asking_again_makes_no_second(
    alice: User, api: ApiClientFor, result: ResultFor
) -> None:
    prediction = result()
    Prediction.objects.update(finished_at="2020-01-01T00:00:00Z")
    assert not explanations.unexplained_results().exists()
    assert api(alice).get(f"/api/v1/predictions/{prediction.pk}/explanation/").status_code == 202
    assert not explanations.may_request(prediction)
    explain(str(prediction.pk))
    assert api(alice).get(f"/api/v1/predictions/{prediction.pk}/explanation/").status_code == 200


def test_a_refunded_prediction_has_none(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    prediction = result()
    Prediction.objects.filter(pk=prediction.pk).update(
        status="failed", failure="scoring_failed", approval_probability=None
    )
    assert api(alice).get(f"/api/v1/predictions/{prediction.pk}/explanation/").status_code == 404


def test_somebody_elses_is_not_there(bob: User, api: ApiClientFor, result: ResultFor) -> None:
    assert api(bob).get(f"/api/v1/predictions/{result().pk}/explanation/").status_code == 404


def test_an_artifact_that_is_gone_is_said_and_tried_again_when_asked(
    alice: User, api: ApiClientFor, result: ResultFor, settings: Settings, tmp_path: Path
) -> None:
    prediction, artifacts = result(), settings.ARTIFACTS_DIR
    address = f"/api/v1/predictions/{prediction.pk}/explanation/"
    settings.ARTIFACTS_DIR = tmp_path
    explanations.explain_next()
    assert api(alice).get(address).status_code == 503
    settings.ARTIFACTS_DIR = artifacts
    explain(str(prediction.pk))
    assert api(alice).get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_makes_it_unasked(
    alice: User, api: ApiClientFor, result: ResultFor, worker: Worker
) -> None:
    prediction = result()
    body = {"model": "catboost", "applicant": prediction.applicant}
    answer = api(alice).post("/api/v1/predictions/", body, format="json", headers={"Prefer": "wait=10"})
    assert answer.json()["status"] == "succeeded"
    deadline = time.monotonic() + 20
    while Prediction.objects.unexplained().exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [bool(row.explanation) for row in Prediction.objects.all()] == [True, True]
