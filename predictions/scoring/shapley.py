"""Exact Shapley values in probability space over all fields except the computed share of income.

The worth of a coalition of fields is the mean approval of the background rows after the coalition's
fields are set to the applicant's values and the share of income is recomputed. A field's Shapley value
is its average marginal worth (L. Shapley 1953; interventional form: S. Lundberg, S. Lee, NeurIPS 2017).
All coalitions count, without sampling, so the values add up exactly.
"""

from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Floats


def shapley(worth: Floats) -> Floats:
    """Return the Shapley value of each field, shape (n, fields).

    `worth` has the shape (n, 2**fields); bit i of a coalition is field i. The values of a row add up
    to the worth of all fields less that of none, up to float64 rounding.
    """
    return worth @ _weights(worth.shape[1].bit_length() - 1)


@lru_cache(maxsize=4)
def _weights(players: int) -> Floats:
    """Return the matrix (2**players, players) that maps the worth of coalitions to Shapley values."""
    coalitions = np.arange(2**players)[:, None]
    inside: NDArray[np.bool_] = coalitions >> np.arange(players) & 1 > 0
    sizes = inside.sum(axis=1, keepdims=True)
    others = sizes - inside
    share = np.array(
        [factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)]
    )
    return np.asarray(np.where(inside, 1.0, -1.0) * share[others], dtype=np.float64)
