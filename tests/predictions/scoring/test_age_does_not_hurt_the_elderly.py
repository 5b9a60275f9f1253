"""Age 62 and above is no negative factor: 12 CFR 1002.6(b)(2), Regulation B."""

from pathlib import Path

import pytest

from predictions.scoring.artifacts import current, load
from predictions.scoring.model_card import read_model_card
from tests.support.loans import SLUGS, made_up_applicants


@pytest.mark.parametrize("slug", SLUGS)
def test_from_62_on_the_age_itself_changes_nothing(slug: str, sold: Path) -> None:
    model = load(sold, current(sold, slug))
    raw, age_column = model.columns.to_raw(made_up_applicants(800)), model.columns.index["person_age"]
    raw[:, age_column] = 62
    at_62 = model.approval_of_raw(raw)
    for age in (63, 75, 100):
        raw[:, age_column] = age
        assert model.approval_of_raw(raw).tobytes() == at_62.tobytes()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_card_shows_that_the_elderly_get_the_best_factor(slug: str, sold: Path) -> None:
    fairness = read_model_card(sold, slug)["fairness"]
    elderly = fairness["elderly"]
    assert elderly["age_is_no_negative_factor"]
    assert elderly["mean_approval"] >= elderly["mean_approval_at_most_favoured_age"] - 0.001
    assert all(band["above_four_fifths"] for band in fairness["bands"])


def test_no_age_scores_better_than_62_on_the_scorecard(sold: Path) -> None:
    model = load(sold, current(sold, "logistic-regression"))
    raw, age_column = model.columns.to_raw(made_up_applicants(800)), model.columns.index["person_age"]
    raw[:, age_column] = 62
    at_62 = model.approval_of_raw(raw)
    for age in range(18, 62):
        raw[:, age_column] = age
        assert (model.approval_of_raw(raw) <= at_62).all()
