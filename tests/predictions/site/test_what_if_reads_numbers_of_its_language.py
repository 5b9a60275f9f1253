from decimal import Decimal

import pytest
from django.utils import translation

from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import EXAMPLE, Value
from predictions.site.forms.results import LoanReductionForm, WhatIfForm

FACTS = parse_applicant(EXAMPLE | {"loan_int_rate": 10.125, "person_emp_length": 1e-05})


def changes(language: str, **typed: str) -> dict[str, Value] | None:
    """The changes that the form reads; None if it is refused."""
    with translation.override(language):
        form = WhatIfForm(FACTS, typed)
        return form.changes if form.is_valid() else None


@pytest.mark.parametrize(
    ("language", "typed", "read"),
    [
        ("en", {"loan_amnt": "12,000"}, {"loan_amnt": 12_000}),
        ("ru", {"loan_amnt": "12 000"}, {"loan_amnt": 12_000}),
        ("en", {"loan_amnt": "$12,000"}, {"loan_amnt": 12_000}),
        ("ru", {"loan_amnt": "12,000"}, None),
        ("en", {"loan_amnt": "12.000"}, None),
        ("en", {"loan_amnt": "1e4"}, None),
        ("ru", {"loan_int_rate": "9,125"}, {"loan_int_rate": 9.125}),
        ("en", {"loan_int_rate": "9.125 %"}, {"loan_int_rate": 9.125}),
        ("en", {"loan_int_rate": "-0"}, {"loan_int_rate": 0.0}),
        ("en", {}, {}),
        ("ru", {}, {}),
    ],
)
def test_edited_fields_are_read_in_the_language_of_the_page(
    language: str, typed: dict[str, str], read: dict[str, Value] | None
) -> None:
    assert changes(language, **typed) == read


@pytest.mark.parametrize(("language", "rate"), [("en", "10,125"), ("ru", "10.125")])
def test_a_page_loaded_in_another_language_changes_nothing(language: str, rate: str) -> None:
    assert changes(language, loan_int_rate=rate) == {}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_form_reads_back_what_it_shows(language: str) -> None:
    with translation.override(language):
        shown = {name: str(value) for name, value in WhatIfForm(FACTS).initial.items()}
        form = WhatIfForm(parse_applicant(EXAMPLE), shown)
        assert form.is_valid()
        assert {name: FACTS[name] for name in form.changes} == form.changes
        assert set(form.changes) == {"loan_int_rate", "person_emp_length"}


@pytest.mark.parametrize(
    ("typed", "slider"),
    [
        ("12,000", "12000"),
        ("12 000", "12000"),
        ("12000 USD", "12000"),
        ("12.000", ""),
        ("12 000.000", ""),
        ("nonsense", ""),
    ],
)
def test_the_slider_stands_where_the_number_is(typed: str, slider: str) -> None:
    with translation.override("en"):
        sliders = {
            field.name: found for _input, field, found in WhatIfForm(FACTS, {"loan_amnt": typed}).inputs
        }
    found = sliders["loan_amnt"]
    assert found is not None
    assert found.value == slider


@pytest.mark.parametrize(
    ("typed", "goal"),
    [
        *(("80", "80"), ("80.5", "80.5"), ("80,5", "80.5"), ("80%", "80"), ("80,5 %", "80.5"), ("%80", "80")),
        *((text, None) for text in ("8e1", "80%%", "+80", "080", "80.", "٨٠", "0.5", "101", "80 USD", "")),
    ],
)
def test_the_goal_is_a_percentage(typed: str, goal: str | None) -> None:
    for language in ("en", "ru"):
        with translation.override(language):
            form = LoanReductionForm({"goal": typed})
            assert (form.cleaned_data["goal"] if form.is_valid() else None) == (
                None if goal is None else Decimal(goal)
            )
