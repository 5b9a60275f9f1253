"""Stability of a model's results: after small changes, after improvements, and between folds.

`Predict` takes a raw matrix and returns the out-of-sample approval (n,): each row is scored by the model and
calibration that were not trained on it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from predictions.scoring.measures import roc_auc
from predictions.scoring.models.protocol import COLUMN, Floats, with_share
from predictions.training.cross_fitting import Rows

Predict = Callable[[Floats], Floats]

PSI_BINS = 10
NOTICEABLE = 0.01  # In approval.


def income_sensitivity(raw: Floats, predict: Predict) -> dict[str, float]:
    """Return the absolute change of the approval when income rises by 1%, all else equal."""
    change = predict(_changed(raw, "person_income", lambda values: np.ceil(values * 1.01))) - predict(raw)
    size = np.abs(change)
    return {
        "mean_absolute_change": _r(size.mean()),
        "quantile_99": _r(np.quantile(size, 0.99)),
        "largest_change": _r(size.max()),
    }


def directions(raw: Floats, predict: Predict) -> list[dict[str, Any]]:
    """Return how often, and how far, each change that should never lower the approval lowers it."""
    before = predict(raw)
    rows = []
    for name, field, improve in _IMPROVEMENTS:
        applies = _applies(raw, field)
        changed = _changed(raw[applies], field, improve)
        after = before.copy()
        full = raw.copy()
        full[applies] = changed
        after[applies] = predict(full)[applies]
        fall = (before - after)[applies]
        rows.append(
            {
                "change": name,
                "applicants": int(applies.sum()),
                "fell": _r((fall > 0).mean()),
                "fell_noticeably": _r((fall > NOTICEABLE).mean()),
                "mean_fall": _r(np.maximum(fall, 0).mean()),
                "largest_fall": _r(max(fall.max(), 0.0)),
            }
        )
    return rows


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


_IMPROVEMENTS: tuple[tuple[str, str, Callable[[Floats], Floats]], ...] = (
    ("income_up_1_percent", "person_income", lambda values: np.ceil(values * 1.01)),
    ("income_up_10_percent", "person_income", lambda values: np.ceil(values * 1.1)),
    ("amount_down_10_percent", "loan_amnt", lambda values: np.maximum(np.floor(values * 0.9), 1)),
    ("rate_down_1_point", "loan_int_rate", lambda values: np.maximum(values - 1, 0)),
    ("no_default_on_file", "cb_person_default_on_file", np.zeros_like),
)


def _applies(raw: Floats, field: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    column = raw[:, COLUMN[field]]
    return np.asarray(column == 1 if field == "cb_person_default_on_file" else ~np.isnan(column))


def _changed(raw: Floats, field: str, change: Callable[[Floats], Floats]) -> Floats:
    changed = raw.copy()
    changed[:, COLUMN[field]] = change(raw[:, COLUMN[field]])
    return with_share(changed)


def _r(value: Any) -> float:
    return round(float(value), 6)
