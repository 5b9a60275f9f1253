"""Contributions are exact Shapley values: they add up, and obey the axioms that define them."""

from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import pytest

from predictions.scoring.artifacts import background, current, load
from predictions.scoring.explain import Explanation, explain
from predictions.scoring.models.protocol import FREE_NAMES
from predictions.scoring.predict import score
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD, Applicant
from predictions.scoring.shapley import shapley
from tests.support.loans import SLUGS, made_up_applicants
from tests.support.shapley import worth_by_scoring


def total(explanation: Explanation) -> float:
    return explanation.base + sum(part.contribution for part in explanation.contributions)


@pytest.mark.parametrize("slug", SLUGS)
def test_base_and_contributions_give_the_probability(
    slug: str, sold: Path, strong: Applicant, weak: Applicant
) -> None:
    ref = current(sold, slug)
    unknown = next(one for one in made_up_applicants(500) if one["loan_int_rate"] is None)
    for applicant in (strong, weak, unknown):
        explanation = explain(sold, ref, applicant)
        assert explanation.approval_probability == score(sold, ref, [applicant])[0]
        assert abs(total(explanation) - explanation.approval_probability) < 1e-9
        assert [part.field for part in explanation.contributions] == [
            n for n in FIELD_NAMES if n != SHARE_FIELD
        ]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_base_is_the_mean_approval_of_the_stored_rows(slug: str, sold: Path, strong: Applicant) -> None:
    ref = current(sold, slug)
    stored = background(sold, ref)
    assert len(stored) == 32
    assert explain(sold, ref, strong).base == pytest.approx(score(sold, ref, stored).mean(), abs=1e-12)


def test_the_values_are_those_of_the_definition(sold: Path, weak: Applicant) -> None:
    """Against the textbook sum over all subsets, written out one subset at a time, on one stored row."""
    ref = current(sold, "logistic-regression")
    model, stored = load(sold, ref), background(sold, ref)[:1]

    def worth(fields: tuple[str, ...]) -> float:
        mixed = {**stored[0], **{field: weak[field] for field in fields}}
        return float(model.approval([mixed])[0])

    raw, rows = model.columns.to_raw([weak]), model.columns.to_raw(stored)
    (values,) = shapley(worth_by_scoring(model, raw, rows)[None])
    for player in ("person_income", "loan_grade"):
        others = [name for name in FREE_NAMES if name != player]
        expected = sum(
            factorial(size)
            * factorial(len(others) - size)
            / factorial(len(FREE_NAMES))
            * (worth((*subset, player)) - worth(subset))
            for size in range(len(others) + 1)
            for subset in combinations(others, size)
        )
        assert values[FREE_NAMES.index(player)] == pytest.approx(expected, abs=1e-12)


def test_a_field_that_the_model_ignores_contributes_nothing() -> None:
    """A game of three fields that only the second one decides."""
    (values,) = shapley(np.array([[0.2, 0.2, 0.6, 0.6, 0.2, 0.2, 0.6, 0.6]]))
    assert values == pytest.approx([0.0, 0.4, 0.0], abs=1e-15)
