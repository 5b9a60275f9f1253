"""The direction of the label: what is sold is the probability of approval, not of default."""

from pathlib import Path

import pytest

from predictions.scoring.artifacts import current
from predictions.scoring.predict import score
from predictions.scoring.schema import Applicant
from tests.support.loans import SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_a_strong_applicant_scores_high_and_a_weak_one_low(
    slug: str, sold: Path, strong: Applicant, weak: Applicant
) -> None:
    high, low = score(sold, current(sold, slug), [strong, weak])
    assert high > 0.9
    assert low < 0.1


@pytest.mark.parametrize("slug", SLUGS)
def test_models_trained_from_scratch_keep_the_direction(
    slug: str, trained: Path, strong: Applicant, weak: Applicant
) -> None:
    high, low = score(trained, current(trained, slug), [strong, weak])
    assert high > low + 0.2
