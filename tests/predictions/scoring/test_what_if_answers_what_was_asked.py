"""What-if, curves and the smallest reduction give the same probabilities as a prediction."""

from pathlib import Path

import numpy as np
import pytest

from predictions.scoring.artifacts import current, find, manifest
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import Applicant
from predictions.scoring.what_if import LoanReduction, ice_curve, smallest_reduction, what_if
from tests.support.artifacts import WEAK
from tests.support.loans import SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_a_change_gives_the_number_of_the_changed_applicant(slug: str, sold: Path, weak: Applicant) -> None:
    ref = current(sold, slug)
    answer = what_if(sold, ref, weak, {"loan_amnt": 3_000, "loan_int_rate": None})
    changed = parse_applicant({**WEAK, "loan_amnt": 3_000, "loan_int_rate": None})
    assert answer.applicant == changed
    assert answer.approval_probability == score(sold, ref, [changed])[0]


@pytest.mark.parametrize(
    ("slug", "certain"),
    [
        (
            "logistic-regression",
            ("person_income", "person_emp_length", "loan_grade", "loan_amnt", "loan_int_rate"),
        ),
        ("random-forest", ()),
        ("catboost", ("person_income", "person_emp_length", "loan_grade", "loan_amnt", "loan_int_rate")),
    ],
)
def test_it_says_which_directions_are_certain(
    slug: str, certain: tuple[str, ...], sold: Path, weak: Applicant
) -> None:
    """Facts that nobody can change, such as a previous default, are not among them."""
    assert what_if(sold, current(sold, slug), weak, {"loan_amnt": 3_000}).certain == certain


def test_a_version_that_was_not_made_for_it_calls_nothing_certain(sold: Path, weak: Applicant) -> None:
    entry = manifest(sold)["models"]["catboost"]["versions"]["1.0.0"]
    ref = find(sold, "catboost", entry["files"]["model.cbm"])
    assert what_if(sold, ref, weak, {"loan_amnt": 3_000}).certain == ()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"person_age": 50}, "person_age", "not_actionable"),
        ({"cb_person_cred_hist_length": 9}, "cb_person_cred_hist_length", "not_actionable"),
        ({"loan_percent_income": 0.1}, "loan_percent_income", "not_actionable"),
        ({"shoe_size": 43}, "shoe_size", "unknown_field"),
        ({"loan_grade": "Z"}, "loan_grade", "invalid_choice"),
        ({"loan_amnt": 0}, "loan_amnt", "out_of_bounds"),
        ({"person_income": None}, "person_income", "required"),
        ({"person_emp_length": 40}, "person_emp_length", "exceeds_age"),
    ],
)
def test_a_bad_change_is_refused(
    changes: dict[str, object], field: str, code: str, sold: Path, weak: Applicant
) -> None:
    with pytest.raises(InvalidApplicant) as refused:
        what_if(sold, current(sold, "catboost"), weak, changes)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("field", ["loan_amnt", "person_income", "loan_int_rate"])
def test_a_curve_passes_through_the_applicant(slug: str, field: str, sold: Path, weak: Applicant) -> None:
    ref = current(sold, slug)
    points = ice_curve(sold, ref, weak, field)
    values = [point.value for point in points]
    assert values == sorted(set(values))
    assert len(values) >= 60
    own = score(sold, ref, [weak])[0]
    assert [point.approval_probability for point in points if point.value == weak[field]] == [own]


def test_a_curve_reaches_an_own_value_outside_the_training_range(sold: Path) -> None:
    rich = parse_applicant({**WEAK, "person_income": 2_000_000})
    points = ice_curve(sold, current(sold, "catboost"), rich, "person_income")
    assert points[-1].value == 2_000_000


def test_impossible_points_are_left_out_of_a_curve(sold: Path) -> None:
    """A loan of ten incomes is the most that the schema takes."""
    deep = parse_applicant({**WEAK, "loan_amnt": 180_000})
    points = ice_curve(sold, current(sold, "catboost"), deep, "person_income")
    assert points[0].value >= 18_000


def test_there_is_no_curve_over_a_choice(sold: Path, weak: Applicant) -> None:
    with pytest.raises(ValueError, match="no curve over loan_grade"):
        ice_curve(sold, current(sold, "catboost"), weak, "loan_grade")


@pytest.mark.parametrize("slug", SLUGS)
def test_the_smallest_cut_is_the_first_amount_that_reaches_the_goal(
    slug: str, sold: Path, weak: Applicant
) -> None:
    ref = current(sold, slug)
    loan = parse_applicant({**WEAK, "loan_grade": "B", "loan_intent": "VENTURE"})
    amounts = [10_600, *range(10_575, 0, -25)]
    tried = score(sold, ref, [parse_applicant({**loan_without_share(loan), "loan_amnt": n}) for n in amounts])
    goal = (tried[0] + tried.max()) / 2
    cut = smallest_reduction(sold, ref, loan, goal)
    first = next(n for n, approval in zip(amounts, tried, strict=True) if approval >= goal)
    assert cut is not None
    assert (cut.amount, cut.reduction) == (first, 10_600 - first)
    assert cut.approval_probability >= goal > tried[0]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_goal_that_is_reached_exactly_is_reached(slug: str, sold: Path, weak: Applicant) -> None:
    ref = current(sold, slug)
    amounts = [10_600, *range(10_575, 0, -25)]
    tried = score(sold, ref, [parse_applicant({**WEAK, "loan_amnt": n}) for n in amounts])
    best = tried.argmax()
    cut = smallest_reduction(sold, ref, weak, float(tried[best]))
    assert cut == LoanReduction(amounts[best], 10_600 - amounts[best], float(tried[best]))
    above = float(np.nextafter(tried[best], 1))
    assert smallest_reduction(sold, ref, weak, above) is None


@pytest.mark.parametrize("slug", SLUGS)
def test_a_loan_that_reaches_the_goal_exactly_needs_no_cut(slug: str, sold: Path) -> None:
    fair = parse_applicant({**WEAK, "loan_grade": "C", "loan_amnt": 5_000})
    ref = current(sold, slug)
    own = float(score(sold, ref, [fair])[0])
    assert smallest_reduction(sold, ref, fair, own) == LoanReduction(5_000, 0, own)
    more = smallest_reduction(sold, ref, fair, float(np.nextafter(own, 1)))
    assert more is not None
    assert more.reduction > 0


def loan_without_share(applicant: Applicant) -> dict[str, object]:
    return {name: value for name, value in applicant.items() if name != "loan_percent_income"}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_goal_out_of_reach_has_no_cut(slug: str, sold: Path, weak: Applicant) -> None:
    assert smallest_reduction(sold, current(sold, slug), weak, 0.999) is None


def test_a_goal_that_is_reached_needs_no_cut(sold: Path, strong: Applicant) -> None:
    cut = smallest_reduction(sold, current(sold, "catboost"), strong, 0.5)
    assert cut is not None
    assert cut.reduction == 0


def test_a_loan_below_one_step_cannot_be_cut(sold: Path) -> None:
    tiny = parse_applicant({**WEAK, "loan_amnt": 20})
    assert smallest_reduction(sold, current(sold, "catboost"), tiny, 0.999) is None


def test_a_huge_loan_is_cut_in_larger_steps(sold: Path) -> None:
    huge = parse_applicant({**WEAK, "loan_amnt": 9_000_000, "person_income": 5_000_000, "loan_grade": "A"})
    assert smallest_reduction(sold, current(sold, "logistic-regression"), huge, 0.0) is not None
