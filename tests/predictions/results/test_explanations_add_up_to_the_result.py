import pytest

from accounts.models import User
from predictions.results import explanations
from predictions.scoring.schema import FIELD_NAMES
from tests.support.addresses import MODELS
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor


@pytest.mark.parametrize("model", MODELS)
def test_contributions_add_up_to_the_sold_probability(
    alice: User, api: ApiClientFor, result: ResultFor, model: str
) -> None:
    prediction = result(model)
    explanations.explain_and_store([prediction])
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
    explanations.explain_and_store([prediction])
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
