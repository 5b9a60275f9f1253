"""Mixes of two people: some fields of an applicant, the others of a background row.

A coalition is a set of fields that are the applicant's, written as a number: bit i stands for field i.
"""

from collections.abc import Callable, Sequence

import numpy as np

from predictions.scoring.models.columns import Columns, Floats
from predictions.scoring.schema import SHARE_FIELD

# Maps a raw matrix of n applicants to the mean approval of the background rows for each coalition of the
# columns' free fields, shape (n, 2**fields).
Worth = Callable[[Floats], Floats]

# The fields that the share of income is computed from.
SHARE_PARTS = ("person_income", "loan_amnt")


def players(field: str) -> tuple[str, ...]:
    """Return the free fields that decide the value of `field`."""
    return SHARE_PARTS if field == SHARE_FIELD else (field,)


def mixed(columns: Columns, raw: Floats, background: Floats, fields: Sequence[str]) -> Floats:
    """Return the background rows with each coalition of `fields`, shape (coalitions, rows, columns).

    `raw` is the raw matrix of one applicant. The share of income is computed anew.
    """
    size = 2 ** len(fields)
    taken = np.zeros((size, 1, len(columns.all)), dtype=bool)
    for bit, field in enumerate(fields):
        taken[:, 0, columns.index[field]] = np.arange(size) >> bit & 1
    rows = np.where(taken, raw, background)
    return columns.with_share(rows.reshape(-1, rows.shape[-1])).reshape(rows.shape)


def positions(columns: Columns, fields: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return, for each coalition of all free fields, which coalition of `fields` it contains."""
    coalitions = np.arange(2 ** len(columns.free_names))
    bits = [columns.free_names.index(field) for field in fields]
    return np.asarray(sum((coalitions >> bit & 1) << place for place, bit in enumerate(bits)), dtype=np.intp)
