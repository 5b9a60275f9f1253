"""Stability of a model's results: after small changes, after improvements, and between folds.

`Predict` takes a raw matrix and returns the out-of-sample approval (n,): each row is scored by the model and
calibration that were not trained on it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from predictions.scoring.measures import brier, ece, roc_auc
from predictions.scoring.models.protocol import Floats
from predictions.training.cross_fitting import Rows
from predictions.training.improvements import IMPROVEMENTS, applies, changed, random_people, with_noise

Predict = Callable[[Floats], Floats]

PSI_BINS = 10
NOTICEABLE = 0.01  # In approval.
# A sum of floats may differ in its last bits.
ROUNDING = 1e-12
NOISE = (0.0, 0.005, 0.02)
PEOPLE_AT_ONCE = 10_000


def income_sensitivity(raw: Floats, predict: Predict) -> dict[str, float]:
    """Return the absolute change of the approval when income rises by 1%, all else equal."""
    raised = changed(raw, "person_income", lambda values: np.ceil(values * 1.01))
    size = np.abs(predict(raised) - predict(raw))
    return {
        "mean_absolute_change": _r(size.mean()),
        "quantile_99": _r(np.quantile(size, 0.99)),
        "largest_change": _r(size.max()),
    }


def noise(raw: Floats, approved: Floats, predict: Predict, seed: int) -> list[dict[str, float]]:
    """Return the quality after all incomes have moved by a log-normal factor of each spread in `NOISE`.

    What an income's exact digits alone have told a model is gone then, and what its size tells is not.
    """
    rows = []
    for spread in NOISE:
        probability = predict(with_noise(raw, spread, np.random.default_rng(seed)))
        measured = {"roc_auc": roc_auc, "brier": brier, "ece": ece}
        figures = {name: _r(measure(approved, probability)) for name, measure in measured.items()}
        rows.append({"spread": spread, **figures})
    return rows


def directions(raw: Floats, predict: Predict) -> list[dict[str, Any]]:
    """Return how often, and how far, each change that should never lower the approval lowers it."""
    before = predict(raw)
    rows = []
    for name, field, improve in IMPROVEMENTS:
        rows.append(_falls(name, before, predict(changed(raw, field, improve)), applies(raw, field, improve)))
    return rows


def searched(raw: Floats, approval: Predict, count: int, seed: int) -> list[dict[str, Any]]:
    """Return the same for `count` random people, scored by one model, such as that on sale.

    Some of them are left out because their loan is too large for their income.
    """
    people = random_people(raw, count, np.random.default_rng(seed))

    def in_blocks(rows: Floats) -> Floats:
        parts = [approval(rows[i : i + PEOPLE_AT_ONCE]) for i in range(0, len(rows), PEOPLE_AT_ONCE)]
        return np.concatenate(parts)

    return directions(people, in_blocks)


def fold_figures(approved: Floats, probability: Floats, split: list[tuple[Rows, Rows]]) -> dict[str, Any]:
    """Return the AUC of each fold, and the largest population stability index of a fold against the rest.

    PSI below 0.1 is considered "no shift" (N. Siddiqi, "Credit Risk Scorecards", 2006, chapter 9).
    """
    return {
        "roc_auc": [_r(roc_auc(approved[out], probability[out])) for _learn, out in split],
        "largest_psi": _r(max(psi(probability[learn], probability[out]) for learn, out in split)),
    }


def psi(expected: Floats, actual: Floats) -> float:
    """Return the population stability index of two samples of scores, in `PSI_BINS` equal-width bins."""
    edges = np.linspace(0, 1, PSI_BINS + 1)
    shares = [np.maximum(np.histogram(scores, edges)[0], 0.5) / len(scores) for scores in (expected, actual)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _falls(change: str, before: Floats, after: Floats, concerned: Any) -> dict[str, Any]:
    fall = (before - after)[concerned]
    fall[np.abs(fall) < ROUNDING] = 0
    count = max(len(fall), 1)
    return {
        "change": change,
        "applicants": len(fall),
        "fell": _r((fall > 0).sum() / count),
        "fell_noticeably": _r((fall > NOTICEABLE).sum() / count),
        "mean_fall": _r(np.maximum(fall, 0).sum() / count),
        "largest_fall": _r(fall.max(initial=0.0)),
    }


def _r(value: Any) -> float:
    return round(float(value), 6)
