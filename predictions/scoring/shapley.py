"""Exact Shapley values in probability space over the ten free fields.

The worth of a coalition of fields is the mean approval of the background rows after the coalition's
fields were set to the applicant's values and the share of income was worked out anew; a field's value
is its average marginal worth (L. Shapley 1953; interventional form: S. Lundberg, S. Lee, NeurIPS 2017).
All 1,024 coalitions are scored, nothing is sampled, so the values add up by algebra.
"""

from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import COLUMN, FREE_NAMES, Floats, Model, with_share

PLAYERS = len(FREE_NAMES)
_COLUMNS = np.array([COLUMN[name] for name in FREE_NAMES])
_BITS = 1 << np.arange(PLAYERS)


def shapley(model: Model, raw: Floats, background: Floats) -> tuple[float, Floats]:
    """Base value and one contribution for each of `FREE_NAMES`, shape (10,), in probability.

    `raw` is a raw matrix of one row, `background` one of any number. Base plus contributions is the
    model's approval of `raw` up to float64 rounding.
    """
    worth = _worth_of_coalitions(model, raw, background)
    return float(worth[0]), _weights() @ worth


def _worth_of_coalitions(model: Model, raw: Floats, background: Floats) -> Floats:
    """Mean approval for each of the 2**10 coalitions, bit i of the index stands for field i."""
    coalitions = np.arange(2**PLAYERS)
    same = (background == raw) | (np.isnan(background) & np.isnan(raw))
    # Where a background row has the applicant's value anyway, taking it changes nothing: score it once.
    differing = ~same[:, _COLUMNS] @ _BITS
    keys = np.arange(len(background))[:, None] * 2**PLAYERS + (coalitions & differing[:, None])
    distinct, positions = np.unique(keys, return_inverse=True)
    rows = background[distinct // 2**PLAYERS]
    taken = np.zeros(rows.shape, dtype=bool)
    taken[:, _COLUMNS] = (distinct % 2**PLAYERS)[:, None] & _BITS > 0
    approval = model.approval_of_raw(with_share(np.where(taken, raw, rows)))
    worth = approval[positions].reshape(keys.shape).mean(axis=0)
    worth[-1] = model.approval_of_raw(raw)[0]  # The mean of 32 equal numbers may be off by a rounding.
    return np.asarray(worth)


@lru_cache(maxsize=1)
def _weights() -> Floats:
    """Matrix (10, 1024) that turns the worth of coalitions into Shapley values."""
    coalitions = np.arange(2**PLAYERS)
    inside: NDArray[np.bool_] = coalitions & _BITS[:, None] > 0
    sizes = inside.sum(axis=0)
    others = sizes - inside
    share = np.array(
        [factorial(size) * factorial(PLAYERS - size - 1) / factorial(PLAYERS) for size in range(PLAYERS)]
    )
    return np.asarray(np.where(inside, 1.0, -1.0) * share[others], dtype=np.float64)
