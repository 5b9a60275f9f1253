"""Splits that keep equal rows together."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


def folds(groups: NDArray[np.int64], count: int, seed: int) -> list[tuple[Rows, Rows]]:
    """`count` pairs (rows to learn from, rows held out); rows of one group are never on both sides."""
    random = np.random.default_rng(seed)
    fold_of_group = random.permutation(int(groups.max()) + 1) % count
    fold_of_row = fold_of_group[groups]
    return [
        (np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)) for fold in range(count)
    ]
