"""Computes the probability of approval of applicants."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from predictions.scoring.artifacts import ArtifactRef, load
from predictions.scoring.models.protocol import Floats
from predictions.scoring.schema import Applicant

# A block fits in the processor's cache; scoring a million rows at once takes two to five times as long.
BLOCK_ROWS = 10_000


def score(folder: Path, ref: ArtifactRef, applicants: Sequence[Applicant]) -> Floats:
    """Return the probability of approval of each applicant, float64 of shape (n,), in [0, 1].

    The result of a row is identical to the last bit in every batch. Raises `ArtifactError` if the model of
    `ref` is not usable, and `ValueError` if an applicant does not match `schema`.
    """
    model = load(folder, ref)
    if len(applicants) <= BLOCK_ROWS:
        return model.approval(applicants)
    blocks = range(0, len(applicants), BLOCK_ROWS)
    return np.concatenate([model.approval(applicants[start : start + BLOCK_ROWS]) for start in blocks])
