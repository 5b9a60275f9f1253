"""Many different applicants for tests, made up with a fixed seed."""

from predictions.scoring.schema import Applicant
from predictions.training.background import to_applicant
from predictions.training.data import check_frame
from predictions.training.synthetic import synthetic_frame

SLUGS = ("logistic-regression", "random-forest", "catboost")


def made_up_applicants(count: int, seed: int = 7) -> list[Applicant]:
    """`count` applicants (at least 500 rows are drawn), some with unknown values."""
    data = check_frame(synthetic_frame(max(count, 500), seed), "made up")
    return [to_applicant(row) for row in data.raw[:count]]
