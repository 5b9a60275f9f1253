"""Exact Shapley values in probability space over all fields except the computed share of income.

The worth of a coalition of fields is the mean approval of the background rows after the coalition's
fields are set to the applicant's values and the share of income is recomputed. A field's Shapley value
is its average marginal worth (L. Shapley 1953; interventional form: S. Lundberg, S. Lee, NeurIPS 2017).
All coalitions are scored without sampling, so the values add up exactly.
"""

from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import Floats, Model


def shapley(model: Model, raw: Floats, background: Floats) -> tuple[float, Floats]:
    """Return the base value and one contribution for each of `model.columns.free_names`, in probability.

    `raw` is a raw matrix of one row, `background` of any number of rows, both with the model's columns. The
    base plus the contributions equals the model's approval of `raw` up to float64 rounding.
    """
    worth = _worth_of_coalitions(model, raw, background)
    return float(worth[0]), _weights(len(model.columns.free_names)) @ worth


def _worth_of_coalitions(model: Model, raw: Floats, background: Floats) -> Floats:
    """Return the mean approval of each of the 2**players coalitions; bit i of the index is field i."""
    fields = [model.columns.index[name] for name in model.columns.free_names]
    size, bits = 2 ** len(fields), 1 << np.arange(len(fields))
    coalitions = np.arange(size)
    same = (background == raw) | (np.isnan(background) & np.isnan(raw))
    # Setting a field to the value that a background row already has changes nothing: score such rows once.
    differing = ~same[:, fields] @ bits
    keys = np.arange(len(background))[:, None] * size + (coalitions & differing[:, None])
    distinct, positions = np.unique(keys, return_inverse=True)
    rows = background[distinct // size]
    taken = np.zeros(rows.shape, dtype=bool)
    taken[:, fields] = (distinct % size)[:, None] & bits > 0
    approval = model.approval_of_raw(model.columns.with_share(np.where(taken, raw, rows)))
    worth = approval[positions].reshape(keys.shape).mean(axis=0)
    worth[-1] = model.approval_of_raw(raw)[0]  # A mean of equal numbers may have a rounding error.
    return np.asarray(worth)


@lru_cache(maxsize=4)
def _weights(players: int) -> Floats:
    """Return the matrix (players, 2**players) that maps the worth of coalitions to Shapley values."""
    coalitions = np.arange(2**players)
    inside: NDArray[np.bool_] = coalitions & (1 << np.arange(players))[:, None] > 0
    sizes = inside.sum(axis=0)
    others = sizes - inside
    share = np.array(
        [factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)]
    )
    return np.asarray(np.where(inside, 1.0, -1.0) * share[others], dtype=np.float64)
