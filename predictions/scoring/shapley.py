"""Exact Shapley values in probability space over the fields that a person may set.

The worth of a coalition of fields is the mean approval of the background rows after the coalition's
fields were set to the applicant's values and the share of income was worked out anew; a field's value
is its average marginal worth (L. Shapley 1953; interventional form: S. Lundberg, S. Lee, NeurIPS 2017).
All coalitions are scored, nothing is sampled, so the values add up by algebra.
"""

from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import Floats, Model


def shapley(model: Model, raw: Floats, background: Floats) -> tuple[float, Floats]:
    """Base value and one contribution for each free name of the model's columns, in probability.

    `raw` is a raw matrix of one row, `background` one of any number, both of the model's columns. Base plus
    contributions is the model's approval of `raw` up to float64 rounding.
    """
    worth = _worth_of_coalitions(model, raw, background)
    return float(worth[0]), _weights(len(model.columns.free_names)) @ worth


def _worth_of_coalitions(model: Model, raw: Floats, background: Floats) -> Floats:
    """Mean approval for each of the 2**players coalitions, bit i of the index stands for field i."""
    fields = [model.columns.index[name] for name in model.columns.free_names]
    size, bits = 2 ** len(fields), 1 << np.arange(len(fields))
    coalitions = np.arange(size)
    same = (background == raw) | (np.isnan(background) & np.isnan(raw))
    # Where a background row has the applicant's value anyway, taking it changes nothing: score it once.
    differing = ~same[:, fields] @ bits
    keys = np.arange(len(background))[:, None] * size + (coalitions & differing[:, None])
    distinct, positions = np.unique(keys, return_inverse=True)
    rows = background[distinct // size]
    taken = np.zeros(rows.shape, dtype=bool)
    taken[:, fields] = (distinct % size)[:, None] & bits > 0
    approval = model.approval_of_raw(model.columns.with_share(np.where(taken, raw, rows)))
    worth = approval[positions].reshape(keys.shape).mean(axis=0)
    worth[-1] = model.approval_of_raw(raw)[0]  # The mean of equal numbers may be off by a rounding.
    return np.asarray(worth)


@lru_cache(maxsize=4)
def _weights(players: int) -> Floats:
    """Matrix (players, 2**players) that turns the worth of coalitions into Shapley values."""
    coalitions = np.arange(2**players)
    inside: NDArray[np.bool_] = coalitions & (1 << np.arange(players))[:, None] > 0
    sizes = inside.sum(axis=0)
    others = sizes - inside
    share = np.array(
        [factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)]
    )
    return np.asarray(np.where(inside, 1.0, -1.0) * share[others], dtype=np.float64)
