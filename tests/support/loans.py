"""Many different applicants for tests, made up with a fixed seed."""

from functools import cache
from pathlib import Path

from predictions.scoring.artifacts import columns, current
from predictions.scoring.parsing import InvalidApplicant
from predictions.scoring.schema import Applicant
from predictions.training.background import to_applicant
from predictions.training.data import check_frame
from predictions.training.synthetic import synthetic_frame

SLUGS = ("logistic-regression", "random-forest", "catboost")
SOLD = Path(__file__).resolve().parents[2] / "ml_artifacts"


def made_up_applicants(count: int, seed: int = 7) -> list[Applicant]:
    """`count` applicants that every sold model knows, some with unknown values.

    The schema may have choices that these models were not trained on; applicants with them are left out.
    """
    return [dict(applicant) for applicant in _made_up_applicants(count, seed)]


@cache
def _made_up_applicants(count: int, seed: int) -> list[Applicant]:
    data = check_frame(synthetic_frame(max(2 * count, 500), seed), "made up")
    applicants = (to_applicant(row) for row in data.raw)
    known = [applicant for applicant in applicants if _is_known(applicant)]
    assert len(known) >= count
    return known[:count]


def _is_known(applicant: Applicant) -> bool:
    try:
        for slug in SLUGS:
            columns(SOLD, current(SOLD, slug)).check(applicant)
    except InvalidApplicant:
        return False
    return True
