"""The reasons of an adverse action notice: what lowered the score, and nothing that reads oddly."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from predictions.formats.adverse_action import STATEMENTS
from predictions.models import Prediction
from predictions.results.adverse_action import principal_reasons
from predictions.results.what_if import ArtifactUnavailable
from predictions.scoring.explain import Contribution, Explanation, explain
from predictions.scoring.reasons import CODES, code_of
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, SHARE_FIELD, NumberField, Value
from tests.support.orders import ResultFor

FREE = [field.name for field in FIELDS if field.name != SHARE_FIELD]
# Everything as bad as it gets.
POOR: dict[str, Value] = {
    "person_income": 20_000,
    "person_home_ownership": "RENT",
    "person_emp_length": 0,
    "loan_intent": "DEBTCONSOLIDATION",
    "loan_grade": "F",
    "loan_amnt": 15_000,
    "loan_int_rate": 20,
    "cb_person_default_on_file": "Y",
    "cb_person_cred_hist_length": 2,
}
GOOD: dict[str, Value] = {
    "person_income": 90_000,
    "person_home_ownership": "OWN",
    "person_emp_length": 12,
    "loan_intent": "VENTURE",
    "loan_grade": "A",
    "loan_amnt": 3_000,
    "loan_int_rate": 6,
    "cb_person_default_on_file": "N",
    "cb_person_cred_hist_length": 15,
}

Reasons = Callable[..., list[str]]


@pytest.fixture
def named(result: ResultFor) -> Reasons:
    """`named({"loan_grade": -0.2}, loan_grade="A")`: the fields that a notice names for these effects."""

    def fields(effects: dict[str, float], **facts: Value) -> list[str]:
        share = float(facts["loan_amnt"] or 0) / float(facts["person_income"] or 1)
        prediction = result(**facts | {SHARE_FIELD: share})
        parts = tuple(Contribution(name, prediction.facts[name], effects.get(name, 0.0)) for name in FREE)
        found = principal_reasons(prediction, Explanation(0.8, 0.1, parts))
        return [reason.field for reason in found]

    return fields


@pytest.mark.parametrize("field", sorted(POOR))
def test_a_poor_fact_that_cost_much_is_a_reason(named: Reasons, field: str) -> None:
    assert named({field: -0.2}, **POOR) == [field]


@pytest.mark.parametrize("field", sorted(GOOD))
def test_a_good_fact_is_none_whatever_it_cost(named: Reasons, field: str) -> None:
    assert named({field: -0.2}, **GOOD) == []


def test_the_amount_counts_by_its_share_of_the_income(named: Reasons) -> None:
    # Five times the median amount, and a tenth of the income.
    assert named({"loan_amnt": -0.2}, **GOOD | {"loan_amnt": 35_000, "person_income": 350_000}) == []
    assert named({"loan_amnt": -0.2}, **GOOD | {"loan_amnt": 6_000, "person_income": 12_000}) == ["loan_amnt"]


def test_the_age_is_never_a_reason(named: Reasons) -> None:
    for age in (20, 45, 80):
        facts = POOR | {"person_emp_length": 0, "cb_person_cred_hist_length": 2}
        assert named({"person_age": -0.5, "loan_grade": -0.1}, person_age=age, **facts) == ["loan_grade"]


def test_what_helped_is_no_reason(named: Reasons) -> None:
    assert named({"loan_grade": 0.2, "person_income": -0.1}, **POOR) == ["person_income"]


def test_there_are_four_at_most_and_the_largest_comes_first(named: Reasons) -> None:
    effects = {name: -0.02 * (1 + number) for number, name in enumerate(sorted(POOR))}
    assert named(effects, **POOR) == sorted(POOR, reverse=True)[:4]


def test_an_odd_one_makes_room_for_the_next(named: Reasons) -> None:
    effects = dict.fromkeys(POOR, -0.05) | {"person_income": -0.3}
    found = named(effects, **POOR | {"person_income": 90_000, "loan_amnt": 35_000})
    assert "person_income" not in found
    assert len(found) == 4


def test_what_is_not_given_is_a_reason(named: Reasons) -> None:
    facts = POOR | {"loan_int_rate": None, "person_emp_length": None}
    assert named({"loan_int_rate": -0.2, "person_emp_length": -0.1}, **facts) == [
        "loan_int_rate",
        "person_emp_length",
    ]


@pytest.mark.parametrize("model", ["logistic-regression", "random-forest", "catboost"])
def test_reasons_come_from_the_facts_that_were_scored(result: ResultFor, model: str) -> None:
    prediction = result(model, **POOR)
    explained = explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts)
    effects = {part.field: part.contribution for part in explained.contributions}
    found = principal_reasons(prediction, explained)
    assert found
    assert all(effects[reason.field] < 0 for reason in found)
    assert [effects[reason.field] for reason in found] == sorted(effects[reason.field] for reason in found)


def test_every_code_has_a_statement() -> None:
    unknown = [code_of(field.name, unknown=True) for field in FIELDS if _nullable(field.name)]
    assert STATEMENTS.keys() == {*CODES.values(), *unknown} - {CODES["person_age"]}


def test_a_version_whose_card_is_gone_names_nothing(
    result: ResultFor, settings: Settings, tmp_path: Path
) -> None:
    prediction = result(**POOR)
    explained = explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts)
    settings.ARTIFACTS_DIR = tmp_path
    with pytest.raises(ArtifactUnavailable):
        principal_reasons(Prediction.objects.with_links().get(pk=prediction.pk), explained)


def _nullable(name: str) -> bool:
    field = FIELDS_BY_NAME[name]
    return isinstance(field, NumberField) and field.nullable
