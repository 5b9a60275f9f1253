from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from predictions.formats.applicants import in_words, range_warnings
from predictions.formats.model_cards.measures import agreement
from predictions.formats.numbers import (
    goal_percent,
    number,
    percent,
    percent_points,
    plain_percent,
    score,
    svg_length,
    verdict,
)
from predictions.scoring.schema import EXAMPLE, FIELDS_BY_NAME, SHARE_FIELD, Value


@pytest.mark.parametrize(
    ("probability", "english", "russian"),
    [
        (0.593, "59.3%", "59,3\u00a0%"),
        (0.5, "50.0%", "50,0\u00a0%"),
        (0.0, "<0.1%", "<0,1\u00a0%"),
        (0.0004, "<0.1%", "<0,1\u00a0%"),
        (0.001, "0.1%", "0,1\u00a0%"),
        (0.9999, ">99.9%", ">99,9\u00a0%"),
        (1.0, ">99.9%", ">99,9\u00a0%"),
    ],
)
def test_probabilities(probability: float, english: str, russian: str) -> None:
    assert percent(probability) == english
    with translation.override("ru"):
        assert percent(probability) == russian


@pytest.mark.parametrize(
    ("wanted", "english", "russian"),
    [("100", "100%", "100\u00a0%"), ("99.95", "99.95%", "99,95\u00a0%"), ("1E+1", "10%", "10\u00a0%")],
)
def test_a_goal_is_the_customers_own(wanted: str, english: str, russian: str) -> None:
    assert goal_percent(Decimal(wanted)) == english
    with translation.override("ru"):
        assert goal_percent(Decimal(wanted)) == russian


def test_ranges_of_training_are_written_as_the_reader_does() -> None:
    facts = EXAMPLE | {"person_income": 1_000, "loan_amnt": 9_000, SHARE_FIELD: 9.0}
    told = {warning["field"]: warning["detail"] for warning in range_warnings(facts)}
    assert "4,000–500,000" in told["person_income"]
    assert "0%–83%" in told[SHARE_FIELD]
    with translation.override("ru"):
        told = {warning["field"]: warning["detail"] for warning in range_warnings(facts)}
    assert "4\u00a0000–500\u00a0000" in told["person_income"]
    assert "0\u00a0%–83\u00a0%" in told[SHARE_FIELD]


def test_words_grow_with_the_probability() -> None:
    words = [verdict(probability) for probability in (0.0, 0.09, 0.1, 0.35, 0.65, 0.9, 1.0)]
    assert words[0] == words[1] == "Approval is very unlikely"
    assert words[5] == words[6] == "Approval is very likely"
    assert len(set(words)) == 5


def test_drawings_have_a_decimal_point_in_every_language() -> None:
    with translation.override("ru"):
        assert svg_length(0.5931) == "59.31"


@pytest.mark.parametrize(
    ("field", "value", "english", "russian"),
    [
        ("person_age", 31, "31 years", "31\u00a0год"),
        ("person_age", 32, "32 years", "32\u00a0года"),
        ("person_age", 65, "65 years", "65\u00a0лет"),
        ("person_emp_length", 1.0, "1 year", "1\u00a0год"),
        ("person_emp_length", 6.5, "6.5 years", "6,5\u00a0года"),
        ("person_emp_length", None, "unknown", "неизвестно"),
        ("person_income", 68000, "68,000\u00a0USD per year", "68\u00a0000\u00a0USD в\u00a0год"),
        ("loan_int_rate", 10.5, "10.5% per year", "10,5\u00a0%\u00a0годовых"),
        ("loan_percent_income", 0.1324, "13.2%", "13,2\u00a0%"),
        ("loan_percent_income", 2.5, "250.0%", "250,0\u00a0%"),
        ("loan_grade", "B", "B", "B"),
        ("person_home_ownership", "MORTGAGE", "Pays a mortgage", "В\u00a0ипотеке"),
    ],
)
def test_facts(field: str, value: Value, english: str, russian: str) -> None:
    assert in_words(FIELDS_BY_NAME[field], value) == english
    with translation.override("ru"):
        assert in_words(FIELDS_BY_NAME[field], value) == russian


@pytest.mark.parametrize("value", [-0.0, -0.00001, 0.0, 0])
def test_zero_has_no_sign(value: float) -> None:
    with translation.override("en"):
        assert (number(value), score(value)) in [("0", "0.000"), ("0.00", "0.000")]
        assert (plain_percent(value), percent_points(value)) == ("0.0%", "0.0")
        assert in_words(FIELDS_BY_NAME["person_emp_length"], -0.0) == "0 years"
    with translation.override("ru"):
        assert in_words(FIELDS_BY_NAME["person_emp_length"], -0.0) == "0\u00a0лет"


def test_a_shift_of_the_calibration_has_a_minus() -> None:
    card: Any = {"calibration": {"slope": 1.01, "intercept": -0.0704, "ece_noise_floor": 0.004}}
    found = agreement(card)
    assert found
    assert found.intercept == "\u22120.070"


def test_a_negative_measure_has_a_minus() -> None:
    assert score(-0.192) == "\u22120.192"
