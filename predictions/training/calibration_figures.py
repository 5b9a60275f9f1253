"""How well probabilities agree with outcomes, and how well they could by chance."""

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from predictions.scoring.measures import ece
from predictions.scoring.models.protocol import Floats

DRAWS = 200
STEPS = 25
NARROWEST = 1e-6


def calibration_figures(approved: Floats, probability: Floats, seed: int) -> dict[str, Any]:
    """Return slope and intercept of outcomes over predicted log-odds, and the noise floor of ECE.

    Slope 1 and intercept 0 are perfect; below 1, the probabilities are too extreme (D. Cox, Biometrika 45,
    1958). The noise floor is the mean ECE of `DRAWS` samples whose outcomes are drawn from the
    probabilities: even perfect ones would not measure better with so many loans.
    """
    slope, intercept = _line(approved, probability)
    random = np.random.default_rng(seed)
    drawn = ((random.random(len(probability)) < probability) for _draw in range(DRAWS))
    floors = [ece(outcomes.astype(np.float64), probability) for outcomes in drawn]
    return {
        "slope": round(slope, 6),
        "intercept": round(intercept, 6),
        "ece_noise_floor": round(float(np.mean(floors)), 6),
    }


def _line(approved: Floats, probability: Floats) -> tuple[float, float]:
    """Return the logistic regression of the outcomes on the predicted log-odds, by Newton's method."""
    clipped = np.clip(probability, NARROWEST, 1 - NARROWEST)
    odds = np.column_stack([np.log(clipped / (1 - clipped)), np.ones(len(clipped))])
    line = np.array([1.0, 0.0])
    # As in `scorecard_fit`: the number of threads changes the last bits of sums.
    with threadpool_limits(1, "blas"):
        for _step in range(STEPS):
            fitted = 1 / (1 + np.exp(-odds @ line))
            weighted = odds * (fitted * (1 - fitted))[:, None]
            line += np.linalg.solve(odds.T @ weighted, odds.T @ (approved - fitted))
    return float(line[0]), float(line[1])
