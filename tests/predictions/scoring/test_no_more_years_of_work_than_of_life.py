"""Years in the current job and of credit history: as many as of age are accepted, and no more."""

from collections.abc import Callable

import pytest

from predictions.scoring.parsing import InvalidApplicant, parse_applicant, parse_cells
from predictions.scoring.schema import EXAMPLE, Applicant, Value


def read(age: int, name: str, years: float) -> list[Value]:
    """The accepted value, or the code of the error: of typed values, and of the cells of a file."""
    typed = EXAMPLE | {"person_age": age, name: years}
    return [
        outcome(lambda: parse_applicant(typed), name),
        outcome(lambda: parse_cells({field: str(value) for field, value in typed.items()}), name),
    ]


def outcome(parse: Callable[[], Applicant], name: str) -> Value:
    try:
        return parse()[name]
    except InvalidApplicant as invalid:
        (problem,) = invalid.problems
        assert problem.field == name
        return problem.code


@pytest.mark.parametrize("age", [18, 32, 79])
@pytest.mark.parametrize("name", ["person_emp_length", "cb_person_cred_hist_length"])
def test_as_many_as_of_age_are_accepted_and_one_more_is_not(name: str, age: int) -> None:
    assert read(age, name, age) == [age, age]
    assert read(age, name, age + 1) == ["exceeds_age", "exceeds_age"]


@pytest.mark.parametrize("part", [0.5, 0.001])
def test_a_part_of_a_year_is_too_much_as_well(part: float) -> None:
    assert read(32, "person_emp_length", 32 - part) == [32 - part, 32 - part]
    assert read(32, "person_emp_length", 32 + part) == ["exceeds_age", "exceeds_age"]


def test_credit_history_has_whole_years() -> None:
    assert read(32, "cb_person_cred_hist_length", 32.5) == ["not_an_integer", "not_an_integer"]
