"""The worth of coalitions, computed from leaves and points, is the one that scoring every coalition gives."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catboost import CatBoostClassifier, Pool
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from predictions.scoring.artifacts import background, current, load, load_worth
from predictions.scoring.models.boosting import Boosting
from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import LIVE, Floats, Model, to_raw
from predictions.scoring.models.trees import TreeFeatures, TreeSettings
from predictions.scoring.schema import FIELDS, SHARE_FIELD, Applicant, ChoiceField, choice_field
from tests.support.loans import SLUGS, made_up_applicants
from tests.support.shapley import worth_by_scoring

EXACT = 1e-12
CURVE = Calibration(np.array([-4.0, 0.0, 4.0]), np.array([0.01, 0.4, 0.99]))
# Every field, unknown numbers as NaN, as in versions 1.
FREE = TreeFeatures(
    LIVE,
    [
        *(field.name for field in FIELDS if not isinstance(field, ChoiceField) or field.ordered),
        *(f"loan_intent={value}" for value in choice_field("loan_intent").values),
        *(f"person_home_ownership={value}" for value in choice_field("person_home_ownership").values),
    ],
)
# The trained models live as long as the session.
SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def raw_rows(borders: dict[str, Sequence[float]]) -> st.SearchStrategy[Floats]:
    """A raw matrix of one applicant, often with values that lie exactly on a border between leaves."""
    values: list[st.SearchStrategy[float]] = []
    for field in FIELDS:
        if isinstance(field, ChoiceField):
            values.append(st.integers(0, len(field.values) - 1).map(float))
            continue
        number = st.floats(max(field.minimum, 1), min(field.maximum, 300_000), width=32)
        if on_border := [b for b in borders.get(field.name, ()) if b >= max(field.minimum, 1)]:
            number |= st.sampled_from(on_border)
        values.append(number | st.just(float("nan")) if field.nullable else number)
    return st.tuples(*values).map(lambda row: LIVE.with_share(np.array([row])))


def borders_of(model: Model) -> dict[str, Sequence[float]]:
    if not isinstance(model, Boosting):
        return {}
    names = model.settings.features.names
    return dict(zip(names, model.engine.get_borders().values(), strict=True))


def assert_same(model: Model, worth: Any, raw: Floats, rows: Floats) -> None:
    (found,) = worth(raw)
    assert np.abs(found - worth_by_scoring(model, raw, rows)).max() < EXACT


@pytest.mark.parametrize("slug", SLUGS)
def test_small_models(slug: str, trained: Path) -> None:
    ref = current(trained, slug)
    model, worth = load(trained, ref), load_worth(trained, ref)
    rows = to_raw(background(trained, ref))
    assert np.isnan(rows).any()

    @settings(SHARED, max_examples=60)
    @given(raw=raw_rows(borders_of(model)))
    def check(raw: Floats) -> None:
        assert_same(model, worth, raw, rows)

    check()


@pytest.mark.parametrize("slug", SLUGS)
def test_sold_models(slug: str, sold: Path, weak: Applicant) -> None:
    ref = current(sold, slug)
    model, worth = load(sold, ref), load_worth(sold, ref)
    stored = background(sold, ref)
    unknown = next(one for one in made_up_applicants(500) if one["loan_int_rate"] is None)
    for applicant in (weak, unknown):
        assert_same(model, worth, model.columns.to_raw([applicant]), model.columns.to_raw(stored))


def test_several_applicants_at_once_are_as_many_single_ones(trained: Path) -> None:
    raw = to_raw(made_up_applicants(3))
    for slug in SLUGS:
        worth = load_worth(trained, current(trained, slug))
        assert (worth(raw) == np.concatenate([worth(row) for row in raw[:, None]])).all()


@pytest.mark.parametrize("unknown_as", ["Min", "Max"])
@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
def test_every_kind_of_boosted_trees(unknown_as: str, policy: str) -> None:
    """Unknown values below or above all others, trees by level, and a sum that does not begin at 0."""
    raw = to_raw(made_up_applicants(400))
    share, unknown = raw[:, LIVE.index[SHARE_FIELD]], np.isnan(raw).any(axis=1)
    pool = Pool(FREE(raw), (share < 0.2) ^ unknown)
    model = CatBoostClassifier(
        iterations=8, depth=5, grow_policy=policy, nan_mode=unknown_as, boost_from_average=True,
        thread_count=1, verbose=False, allow_writing_files=False,
    ).fit(pool)  # fmt: skip
    boosting = Boosting(model, TreeSettings(CURVE, FREE, elderly_as=40))
    rows = raw[100:132]
    worth = boosting.worth(b"", rows)
    assert np.isnan(rows).any()
    assert np.isnan(raw[:40]).any()
    for row in raw[:40, None]:
        assert_same(boosting, worth, row, rows)
