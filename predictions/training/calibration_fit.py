"""Fits a calibration curve to predictions that the model made for rows it had not learned from."""

import numpy as np

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats


def fit_calibration(outputs: Floats, approved: Floats, bins: int = 40) -> Calibration:
    """Isotonic regression of `approved` on `outputs`, both (n,), joined by straight lines.

    The rows are pooled into `bins` equal-count bins first and made monotone by pool-adjacent-violators
    (B. Zadrozny, C. Elkan, KDD 2002); lines between the pools' means keep the ranking almost whole.
    """
    order = np.argsort(outputs, kind="stable")
    pools: list[tuple[float, float, int]] = []
    for rows in np.array_split(order, bins):
        # Half a row of each outcome more: no pool, however pure, makes anything certain.
        mean = (float(approved[rows].sum()) + 0.5) / (len(rows) + 1)
        pools.append((float(outputs[rows].mean()), mean, len(rows)))
        while len(pools) > 1 and pools[-1][1] <= pools[-2][1]:
            pools.append(_merged(pools.pop(), pools.pop()))
    inputs = [float(outputs.min()), *(pool[0] for pool in pools), float(outputs.max())]
    means = [pools[0][1], *(pool[1] for pool in pools), pools[-1][1]]
    keep = np.append(True, np.diff(inputs) > 0)
    return Calibration(np.array(inputs)[keep], np.array(means)[keep])


def _merged(one: tuple[float, float, int], other: tuple[float, float, int]) -> tuple[float, float, int]:
    count = one[2] + other[2]
    return (
        (one[0] * one[2] + other[0] * other[2]) / count,
        (one[1] * one[2] + other[1] * other[2]) / count,
        count,
    )
