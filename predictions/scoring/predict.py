"""From applicants to probabilities of approval."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from predictions.scoring.artifacts import ArtifactRef, load
from predictions.scoring.models.protocol import Floats
from predictions.scoring.schema import Applicant

# The rows of one block fit in the processor's cache; a million at once take two to five times as long.
BLOCK = 10_000


def score(folder: Path, ref: ArtifactRef, applicants: Sequence[Applicant]) -> Floats:
    """Probability of APPROVAL of each applicant, float64 of shape (n,), each in [0, 1].

    The number of a row is the same to the last bit in every batch. Raises `ArtifactError` when the
    model of `ref` is not usable and `ValueError` when an applicant is not one of `schema`.
    """
    model = load(folder, ref)
    if len(applicants) <= BLOCK:
        return model.approval(applicants)
    blocks = range(0, len(applicants), BLOCK)
    return np.concatenate([model.approval(applicants[start : start + BLOCK]) for start in blocks])
