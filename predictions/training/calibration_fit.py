"""Fits a calibration curve to out-of-sample outputs of a model."""

import numpy as np

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats


def fit_calibration(outputs: Floats, approved: Floats, bins: int = 40) -> Calibration:
    """Return the piecewise linear isotonic regression of `approved` on `outputs`, both of shape (n,).

    The rows are first pooled into `bins` equal-count bins, then made monotone by pool-adjacent-violators
    (B. Zadrozny, C. Elkan, KDD 2002). Lines between the means of the pools preserve most of the ranking.
    """
    order = np.argsort(outputs, kind="stable")
    pools: list[tuple[float, float, int]] = []
    for rows in np.array_split(order, bins):
        # Half a row of each outcome is added, so that no probability is 0 or 1.
        mean = (float(approved[rows].sum()) + 0.5) / (len(rows) + 1)
        pools.append((float(outputs[rows].mean()), mean, len(rows)))
        while len(pools) > 1 and pools[-1][1] <= pools[-2][1]:
            pools.append(_merged(pools.pop(), pools.pop()))
    inputs = [float(outputs.min()), *(pool[0] for pool in pools), float(outputs.max())]
    means = [pools[0][1], *(pool[1] for pool in pools), pools[-1][1]]
    keep = np.append(True, np.diff(inputs) > 0)
    return Calibration(np.array(inputs)[keep], np.array(means)[keep])


def _merged(pool: tuple[float, float, int], other: tuple[float, float, int]) -> tuple[float, float, int]:
    count = pool[2] + other[2]
    return (
        (pool[0] * pool[2] + other[0] * other[2]) / count,
        (pool[1] * pool[2] + other[1] * other[2]) / count,
        count,
    )
