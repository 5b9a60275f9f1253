"""Suggested thresholds are those at which wrong decisions cost least on the loans of a model card."""

import pytest
from django.conf import settings

from predictions.results.decisions import suggest
from predictions.scoring.model_card import Threshold, read_model_card


def level(
    threshold: float, approved: float, of_approved: float | None, of_refused: float | None
) -> Threshold:
    return {
        "threshold": threshold,
        "approval_rate": approved,
        "default_rate_of_approved": of_approved,
        "default_rate_of_refused": of_refused,
    }


# Of 100 loans 20 default. At 10 for a default and 3 for a refusal, a loan costs 2.0, 0.83, 0.99 and 2.4.
TABLE = [
    level(0.1, 1.0, 0.2, None),
    level(0.5, 0.8, 0.1, 0.95),
    level(0.6, 0.6, 0.05, 0.425),
    level(0.9, 0.0, None, 0.2),
]


def test_the_cheapest_threshold_is_found_by_hand() -> None:
    found = suggest(TABLE, default_cost=10, refusal_cost=3)
    assert found is not None
    # 0.8 × 0.1 × 10 + 0.2 × 0.05 × 3
    assert found.cost == pytest.approx(0.83)
    assert (found.best, found.approval_rate, found.default_rate_of_approved) == (0.5, 0.8, 0.1)


def test_thresholds_that_cost_nearly_as_little_are_for_review() -> None:
    # At 0.6: 0.6 × 0.05 × 10 + 0.4 × 0.575 × c; for c = 2.3 that is 0.829, and at 0.5 it is 0.823.
    found = suggest(TABLE, default_cost=10, refusal_cost=2.3)
    assert found is not None
    assert (found.best, found.decline_below, found.approve_from) == (0.5, 0.5, 0.6)
    clear = suggest(TABLE, default_cost=10, refusal_cost=20)
    assert clear is not None
    assert (clear.decline_below, clear.approve_from) == (0.5, 0.5)


@pytest.mark.parametrize(("default_cost", "refusal_cost", "best"), [(1, 0, 0.9), (0, 1, 0.1)])
def test_who_fears_one_mistake_alone_approves_nobody_or_all(
    default_cost: float, refusal_cost: float, best: float
) -> None:
    found = suggest(TABLE, default_cost=default_cost, refusal_cost=refusal_cost)
    assert found is not None
    assert found.best == best


def test_without_costs_there_is_nothing_to_weigh() -> None:
    assert suggest(TABLE, default_cost=0, refusal_cost=0) is None


@pytest.mark.parametrize("slug", ["logistic-regression", "random-forest", "catboost"])
def test_dearer_defaults_never_lower_the_threshold(slug: str) -> None:
    thresholds = read_model_card(settings.ARTIFACTS_DIR, slug)["thresholds"]
    found = [suggest(thresholds, default_cost=cost, refusal_cost=1) for cost in (0.5, 1, 2, 5, 10, 50)]
    best = [suggestion.best for suggestion in found if suggestion]
    assert best == sorted(best)
    assert best[0] < best[-1]
