import pytest
from pytest_django import Settings

from accounts.models import User
from predictions import explaining
from predictions.models import Prediction
from predictions.scoring.schema import FIELD_NAMES
from predictions.tasks import explain_next
from tests.fixtures.people import ApiClientFor
from tests.fixtures.processes import Worker
from tests.results.conftest import MODELS, ResultFor


@pytest.mark.parametrize("model", MODELS)
def test_contributions_add_up_to_the_sold_probability(
    alice: User, api: ApiClientFor, result: ResultFor, model: str
) -> None:
    prediction = result(model)
    explaining.explain_next()
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
    explaining.explain_next()
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
    assert texts["en"]["LOAN_TO_INCOME"] == "The loan is 50 % of yearly income."
    assert "50" in texts["ru"]["LOAN_TO_INCOME"]
    for code, text in texts["en"].items():
        assert text != texts["ru"][code]


def test_it_is_202_until_it_is_there(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    prediction = result()
    address = f"/api/v1/predictions/{prediction.pk}/explanation/"
    assert api(alice).get(address).status_code == 202
    explain_next()
    assert api(alice).get(address).status_code == 200


def test_it_is_kept_and_made_once(result: ResultFor) -> None:
    prediction = result()
    assert explaining.explain_next()
    assert not explaining.explain_next()
    Prediction.objects.filter(pk=prediction.pk).update(explanation={"kept": True})
    explaining.explain_and_keep(prediction)
    prediction.refresh_from_db()
    assert prediction.explanation == {"kept": True}


def test_a_refunded_prediction_has_none(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    prediction = result()
    Prediction.objects.filter(pk=prediction.pk).update(
        status="failed", failure="scoring_failed", approval_probability=None
    )
    assert api(alice).get(f"/api/v1/predictions/{prediction.pk}/explanation/").status_code == 404


def test_somebody_elses_is_not_there(bob: User, api: ApiClientFor, result: ResultFor) -> None:
    assert api(bob).get(f"/api/v1/predictions/{result().pk}/explanation/").status_code == 404


def test_an_artifact_that_is_gone_leaves_it_open(
    result: ResultFor, settings: Settings, tmp_path: object
) -> None:
    prediction = result()
    settings.ARTIFACTS_DIR = tmp_path
    assert not explaining.explain_next()
    prediction.refresh_from_db()
    assert (prediction.status, prediction.explanation) == ("succeeded", None)


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_makes_it_unasked(
    alice: User, api: ApiClientFor, result: ResultFor, worker: Worker
) -> None:
    prediction = result()
    body = {"model": "catboost", "applicant": prediction.applicant}
    client = api(alice)
    bought = client.post("/api/v1/predictions/", body, format="json", headers={"Prefer": "wait=10"}).json()
    address = f"/api/v1/predictions/{bought['id']}/explanation/"
    for _attempt in range(100):
        if client.get(address).status_code == 200:
            break
    prediction.refresh_from_db()
    assert client.get(address).status_code == 200
