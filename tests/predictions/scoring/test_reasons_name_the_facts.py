"""Reason codes: at most four, the largest effect first, each with the applicant's own facts."""

from pathlib import Path

import pytest

from predictions.scoring.artifacts import current
from predictions.scoring.explain import explain
from predictions.scoring.models.protocol import FREE_NAMES
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.reasons import CODES, reasons
from predictions.scoring.schema import Applicant
from tests.support.artifacts import WEAK
from tests.support.loans import SLUGS, made_up_applicants


def said(applicant: Applicant, contributions: dict[str, float]) -> list[str]:
    return [reason.text % reason.params for reason in reasons(applicant, contributions)]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_weak_applicant_gets_four_reasons_by_falling_cost(slug: str, sold: Path, weak: Applicant) -> None:
    explanation = explain(sold, current(sold, slug), weak)
    cost = {part.field: part.contribution for part in explanation.contributions}
    given = [cost[reason.field] for reason in reasons(weak, cost)]
    assert len(given) == 4
    assert given == sorted(cost.values())[:4]


def test_the_texts_hold_the_values_of_the_row(weak: Applicant) -> None:
    assert said(
        weak, {"loan_amnt": -0.3, "loan_int_rate": -0.2, "loan_grade": -0.1, "person_age": -0.05}
    ) == [
        "The loan of 10600 USD is 59% of yearly income.",
        "The interest rate is 17.5% per year.",
        "The loan grade is E (A is best, G is worst).",
        "The applicant is 22 years old.",
    ]


def test_unknown_values_have_reasons_of_their_own() -> None:
    applicant = parse_applicant({**WEAK, "person_emp_length": None, "loan_int_rate": None})
    found = reasons(applicant, {"person_emp_length": -0.2, "loan_int_rate": -0.1})
    assert [reason.code for reason in found] == ["EMPLOYMENT_UNKNOWN", "RATE_UNKNOWN"]
    assert said(applicant, {"person_emp_length": -0.2}) == ["Years in current job are not given."]


def test_what_helps_or_hardly_hurts_is_no_reason(strong: Applicant) -> None:
    assert reasons(strong, {"loan_grade": 0.2, "person_income": 0.0, "person_age": -0.004}) == ()


def test_every_field_of_every_applicant_has_a_text() -> None:
    assert set(CODES) == set(FREE_NAMES)
    for applicant in made_up_applicants(500):
        for field in FREE_NAMES:
            (sentence,) = said(applicant, {field: -0.5})
            assert sentence.endswith(".")
            assert "%(" not in sentence
