"""From applicants to probabilities of approval."""

from collections.abc import Sequence
from pathlib import Path

from predictions.scoring.raw import Floats
from predictions.scoring.registry import ArtifactRef, load
from predictions.scoring.schema import Applicant


def score(folder: Path, ref: ArtifactRef, applicants: Sequence[Applicant]) -> Floats:
    """Probability of APPROVAL of each applicant, float64 of shape (n,), each in [0, 1].

    The number of a row is the same to the last bit in every batch. Raises `ArtifactError` when the
    model of `ref` is not usable and `ValueError` when an applicant is not one of `schema`.
    """
    return load(folder, ref).approval(applicants)
