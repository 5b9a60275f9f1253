"""A given share of income may differ by 0.01, in exact arithmetic; a refusal says what would agree."""

import random
from fractions import Fraction

import pytest
from django.utils import translation

from predictions.formats.applicants import problem_text
from predictions.scoring.parsing import FieldProblem, InvalidApplicant, parse_applicant
from predictions.scoring.schema import EXAMPLE, SHARE_FIELD


def problem(amount: int, income: int, share: float) -> FieldProblem | None:
    try:
        parse_applicant(EXAMPLE | {"loan_amnt": amount, "person_income": income, SHARE_FIELD: share})
    except InvalidApplicant as invalid:
        (found,) = invalid.problems
        return found
    return None


@pytest.mark.parametrize(
    ("amount", "income", "share", "agrees"),
    [
        (1, 8, 0.135, True),
        (1, 8, 0.115, True),
        (1, 8, 0.1350000001, False),
        (1, 8, 0.1149999999, False),
        (59, 100, 0.6, True),
        (59, 100, 0.58, True),
        (1, 100, 0, True),
        (1, 99, 0, False),
        (1, 1, 1.01, True),
        (1, 1, 1.0100000000000002, False),
        (99, 10, 9.91, True),
        (999, 100, 10, True),
        (9_000, 68_000, 0.13, True),
        (9_000, 68_000, 0.13235294117647059, True),
        (9_000, 68_000, 0.9, False),
    ],
)
def test_exactly_one_hundredth_is_allowed(amount: int, income: int, share: float, agrees: bool) -> None:
    assert (problem(amount, income, share) is None) == agrees


def test_the_edge_is_exact_everywhere() -> None:
    rng = random.Random(19)  # noqa: S311
    for _ in range(2_000):
        income = rng.choice([10, 20, 50, 100, 1_000, 2_000])
        amount = rng.randint(income // 10, 9 * income)
        edge = float(Fraction(amount, income)) + rng.choice([-1, 1]) * 0.01
        share = round(edge, 6)
        assert problem(amount, income, share) is None
        beyond = round(edge + (1e-6 if edge > amount / income else -1e-6), 6)
        assert problem(amount, income, beyond) is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "This does not match the amount and income, which give 0.1324. Enter that, or an income of "
            "10,000, which gives 0.9, or leave this out: it is calculated.",
        ),
        (
            "ru",
            "Не соответствует сумме и доходу: по ним получается 0,1324. Укажите это значение или доход "
            "10 000, при котором получается 0,9, или не передавайте поле: оно рассчитывается само.",
        ),
    ],
)
def test_the_refusal_says_which_share_and_which_income_agree(language: str, text: str) -> None:
    found = problem(9_000, 68_000, 0.9)
    assert found is not None
    assert found.code == "contradiction"
    with translation.override(language):
        assert problem_text(found).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("amount", "income", "share"),
    [
        (9_000, 68_000, 0),
        (9_000, 68_000, -0.0),
        (1_000_000, 1_000_000, 0.001),
        (10, 100, 7),
        (1, 1, 10),
    ],
    ids=["zero", "minus zero", "more than an income can be", "no whole income", "less than an income can be"],
)
def test_no_income_is_named_if_none_agrees(amount: int, income: int, share: float) -> None:
    found = problem(amount, income, share)
    assert found is not None
    assert "income" not in found.params
    with translation.override("en"):
        assert problem_text(found).endswith("Enter that, or leave this out: it is calculated.")


def test_what_the_refusal_suggests_is_accepted() -> None:
    rng = random.Random(7)  # noqa: S311
    named = 0
    for _ in range(2_000):
        amount, income = rng.randint(1, 50_000), rng.randint(5_000, 90_000)
        found = problem(amount, income, round(rng.uniform(0, 2), 2))
        if found is None:
            continue
        share, given, fitting = (found.params.get(name) for name in ("share", "given", "income"))
        assert isinstance(share, float)
        assert problem(amount, income, share) is None
        if fitting:
            named += 1
            assert isinstance(given, float)
            assert isinstance(fitting, int)
            assert problem(amount, fitting, given) is None
    assert named > 100
