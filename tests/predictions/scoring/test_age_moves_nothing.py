"""Age is no fact of the score: 12 CFR 1002.6(b)(2), Regulation B, allows it only with care."""

from pathlib import Path

import pytest

from predictions.scoring.artifacts import current, load
from predictions.scoring.explain import explain
from predictions.scoring.model_card import read_model_card
from predictions.scoring.schema import Applicant
from tests.support.loans import SLUGS, made_up_applicants


@pytest.mark.parametrize("slug", SLUGS)
def test_no_age_changes_a_bit_of_a_score(slug: str, sold: Path) -> None:
    model = load(sold, current(sold, slug))
    raw, age_column = model.columns.to_raw(made_up_applicants(800)), model.columns.index["person_age"]
    before = model.approval_of_raw(raw)
    for age in (18, 30, 61, 62, 100):
        raw[:, age_column] = age
        assert model.approval_of_raw(raw).tobytes() == before.tobytes()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_age_explains_nothing(slug: str, sold: Path, weak: Applicant) -> None:
    parts = {part.field: part.contribution for part in explain(sold, current(sold, slug), weak).contributions}
    assert parts["person_age"] == pytest.approx(0, abs=1e-12)
    assert min(parts.values()) < -0.01


@pytest.mark.parametrize("slug", SLUGS)
def test_the_card_says_so(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    assert card["fairness"]["age_moves"] == 0
    assert "age_unused" in card["limits"]
    assert all(band["above_four_fifths"] for band in card["fairness"]["bands"])
