"""A better fact never lowers the approval: certain for two models, rare and small for the forest."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from predictions.scoring.artifacts import current, load
from predictions.scoring.measures import roc_auc
from predictions.scoring.models.boosting import Boosting
from predictions.scoring.models.protocol import Floats, Model
from predictions.scoring.schema import DIRECTIONS
from predictions.training.improvements import IMPROVEMENTS, applies, changed, random_people, with_noise
from tests.support.loans import SLUGS, made_up_applicants

CERTAIN = ("logistic-regression", "catboost")
ROUNDING = 1e-12


@cache
def people(sold: Path, slug: str, count: int = 20_000) -> tuple[Model, Floats]:
    """The model on sale and random people as it reads them."""
    model = load(sold, current(sold, slug))
    made_up = model.columns.to_raw(made_up_applicants(2_000))
    return model, random_people(made_up, count, np.random.default_rng(3))


@pytest.mark.parametrize("slug", CERTAIN)
@pytest.mark.parametrize(("name", "field", "change"), IMPROVEMENTS, ids=[row[0] for row in IMPROVEMENTS])
def test_no_random_person_falls(slug: str, name: str, field: str, change: Any, sold: Path) -> None:
    model, raw = people(sold, slug)
    rise = model.approval_of_raw(changed(raw, field, change)) - model.approval_of_raw(raw)
    assert applies(raw, field, change).sum() > 1_000
    assert rise.min() >= -ROUNDING
    assert rise.max() > 0.001


@pytest.mark.parametrize(("name", "field", "change"), IMPROVEMENTS, ids=[row[0] for row in IMPROVEMENTS])
def test_few_people_fall_noticeably_with_the_forest(name: str, field: str, change: Any, sold: Path) -> None:
    model, raw = people(sold, "random-forest", 5_000)
    raw = raw[applies(raw, field, change)]
    fall = model.approval_of_raw(raw) - model.approval_of_raw(changed(raw, field, change))
    assert (fall > 0.01).mean() <= 0.05


@pytest.mark.parametrize("slug", CERTAIN)
def test_more_income_never_gets_less_at_any_step(slug: str, sold: Path) -> None:
    """Over a dense grid, and where incomes of the public data carry a mark: 34,000 against 33,900."""
    model = load(sold, current(sold, slug))
    incomes = sorted({*range(4_000, 120_000, 100), *range(33_900, 34_101), 10**6, 10**7, 10**8})
    for applicant in made_up_applicants(40):
        raw = model.columns.to_raw([applicant | {"person_income": income} for income in incomes])
        assert (np.diff(model.approval_of_raw(raw)) >= -ROUNDING).all()


def test_a_mark_in_the_incomes_costs_nobody_much_with_the_forest(sold: Path) -> None:
    model = load(sold, current(sold, "random-forest"))
    falls = []
    for applicant in made_up_applicants(400):
        raw = model.columns.to_raw([applicant | {"person_income": income} for income in (33_900, 34_000)])
        before, after = model.approval_of_raw(raw)
        falls.append(before - after)
    assert np.mean(np.array(falls) > 0.01) <= 0.05


def test_every_tree_of_catboost_has_the_directions(sold: Path, tmp_path: Path) -> None:
    """Holds for applicants that no test thinks of: a sum of monotone trees is monotone."""
    model = load(sold, current(sold, "catboost"))
    assert isinstance(model, Boosting)
    model.engine.save_model(str(tmp_path / "model.json"), format="json")
    trees = json.loads((tmp_path / "model.json").read_bytes())["oblivious_trees"]
    names = model.settings.features.names
    compared = 0
    for tree in trees:
        values = np.array(tree["leaf_values"])
        for bit, split in enumerate(tree["splits"]):
            direction = DIRECTIONS.get(names[split["float_feature_index"]], 0)
            for leaf in range(len(values)):
                other = leaf | 1 << bit
                if direction and leaf != other and is_possible(tree, leaf) and is_possible(tree, other):
                    compared += 1
                    assert direction * (values[other] - values[leaf]) >= -ROUNDING
    assert compared > 1_000


def is_possible(tree: Any, leaf: int) -> bool:
    """Whether any number lies above all borders that the leaf is above, and not above the others."""
    above: dict[int, list[tuple[float, bool]]] = {}
    for bit, split in enumerate(tree["splits"]):
        above.setdefault(split["float_feature_index"], []).append((split["border"], bool(leaf >> bit & 1)))
    return all(
        first >= second
        for sides in above.values()
        for (_low, first), (_high, second) in pairwise(sorted(sides))
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_two_percent_of_noise_in_incomes_hardly_changes_the_ranking(slug: str, sold: Path) -> None:
    model = load(sold, current(sold, slug))
    raw = model.columns.to_raw(made_up_applicants(4_000))
    good = (model.approval_of_raw(raw) >= 0.5).astype(float)
    noisy = model.approval_of_raw(with_noise(raw, 0.02, np.random.default_rng(1)))
    assert roc_auc(good, noisy) > 0.985
    assert np.abs(noisy - model.approval_of_raw(raw)).mean() < 0.02
