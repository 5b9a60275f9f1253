"""The service with a real worker sells the probability of approval, not of default."""

import pytest

from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.support.people import ApiClientFor, give_money
from tests.support.processes import Worker

STRONG: Applicant = {
    "person_age": 38,
    "person_income": 120_000,
    "person_home_ownership": "OWN",
    "person_emp_length": 12,
    "loan_intent": "EDUCATION",
    "loan_grade": "A",
    "loan_amnt": 6_000,
    "loan_int_rate": 6.5,
    "cb_person_default_on_file": "N",
    "cb_person_cred_hist_length": 12,
}
WEAK: Applicant = {
    "person_age": 22,
    "person_income": 18_000,
    "person_home_ownership": "RENT",
    "person_emp_length": 0,
    "loan_intent": "MEDICAL",
    "loan_grade": "F",
    "loan_amnt": 12_000,
    "loan_int_rate": 19.5,
    "cb_person_default_on_file": "Y",
    "cb_person_cred_hist_length": 2,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", ["logistic-regression", "random-forest", "catboost"])
def test_a_strong_applicant_scores_high_and_a_weak_one_low(
    alice: User, api: ApiClientFor, catalog: None, shared_worker: Worker, model: str
) -> None:
    give_money(alice, 1000_00)

    def buy(applicant: Applicant) -> dict[str, float]:
        answer = api(alice).post(
            "/api/v1/predictions/",
            {"model": model, "applicant": applicant},
            format="json",
            headers={"Prefer": "wait=10"},
        )
        assert answer.status_code == 201
        result: dict[str, float] = answer.json()
        assert result["approval_probability"] + result["default_probability"] == pytest.approx(1, abs=1e-12)
        return result

    assert buy(STRONG)["approval_probability"] > 0.9
    assert buy(WEAK)["approval_probability"] < 0.2
