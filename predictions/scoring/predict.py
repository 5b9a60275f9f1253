"""Computes the probability of approval of applicants."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.artifacts import ArtifactRef, load
from predictions.scoring.models.protocol import Floats, Model
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


def approve(model: Model, raw: Floats) -> Floats:
    """Return the same for a raw matrix with the columns of `model`, of many rows.

    Rows that are alike are scored one after the other: they take the same ways through the trees, which the
    processor then foresees. That makes the forest twice as fast, and changes no result.
    """
    order = _alike(model, raw)
    approval = np.empty(len(raw))
    for first in range(0, len(raw), BLOCK_ROWS):
        rows = order[first : first + BLOCK_ROWS]
        approval[rows] = model.approval_of_raw(raw[rows])
    return approval


def _alike(model: Model, raw: Floats) -> NDArray[np.intp]:
    """Return an order of the rows by their choices, and by income among rows with the same choices."""
    kinds = np.zeros(len(raw), dtype=np.intp)
    for column, values in zip(model.columns.all, raw.T, strict=True):
        if column.choices:
            kinds = kinds * len(column.choices) + values.astype(np.intp)
    return np.lexsort((raw[:, model.columns.index["person_income"]], kinds))
