"""Fairness by age: figures for the model card.

12 CFR 1002.6(b)(2) (Regulation B) lets a scoring system use age with care only. The models do not use it.
"""

from typing import Any

import numpy as np

from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.training.parts import AGE, age_bands
from predictions.training.stability import Predict

THRESHOLD = 0.5
AGES = tuple(age for age in (22, 25, 30, 40, 50, 61, 62, 75) if age >= AGE.minimum)
FOUR_FIFTHS = 0.8  # 29 CFR 1607.4(D): below four fifths of the best rate is considered adverse impact.


def fairness(raw: Floats, approved: Floats, probability: Floats, predict: Predict) -> dict[str, Any]:
    """Return the approval ratio and calibration by age band, and how far the age itself moves an approval.

    The ratio divides each band's approval rate at `THRESHOLD` by the highest band's.
    """
    bands = {name: rows for name, rows in age_bands(raw).items() if rows.any()}
    rates = {name: float((probability[rows] >= THRESHOLD).mean()) for name, rows in bands.items()}
    best = max(rates.values())
    return {
        "cut_off": THRESHOLD,
        "bands": [
            {
                "name": name,
                "count": int(rows.sum()),
                "approval_rate": _r(rates[name]),
                "approval_ratio": _r(rates[name] / best),
                "above_four_fifths": bool(rates[name] / best >= FOUR_FIFTHS),
                "predicted": _r(probability[rows].mean()),
                "observed": _r(approved[rows].mean()),
            }
            for name, rows in bands.items()
        ],
        "age_moves": _r(_age_moves(raw, predict)),
    }


def _age_moves(raw: Floats, predict: Predict) -> float:
    """Return the largest change of an approval at any of `AGES`, all else equal."""
    results = [predict(_at_age(raw, age)) for age in AGES]
    return float(max(np.abs(result - results[0]).max() for result in results))


def _at_age(raw: Floats, age: int) -> Floats:
    changed = raw.copy()
    changed[:, COLUMN["person_age"]] = age
    return changed


def _r(value: Any) -> float:
    return round(float(value), 6)
