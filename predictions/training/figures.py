"""The figures of a model card: curves, tables and slices, as JSON values.

All take `approved` (n,) of 0.0/1.0 and the out-of-sample `probability` (n,) of approval.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.measures import brier, ece, equal_count_bins, roc_auc, wilson
from predictions.scoring.models.protocol import Floats

Mask = NDArray[np.bool_]
Row = dict[str, Any]

DIGITS = 6
ROC_POINTS = 101
SCORE_BINS = 20
THRESHOLDS = [round(0.05 * step, 2) for step in range(1, 20)]
MIN_FOR_AUC = 100


def roc_curve(approved: Floats, probability: Floats) -> list[list[float]]:
    """Return (share of defaults approved, share of good loans approved) for `ROC_POINTS` thresholds."""
    levels = np.linspace(0, 1, ROC_POINTS)
    bad = np.sort(probability[approved == 0])[::-1]
    good = np.sort(probability[approved == 1])[::-1]
    limits = bad[np.minimum((levels * len(bad)).astype(int), len(bad) - 1)]
    true = np.searchsorted(-good, -limits, side="left") / len(good)
    false = np.searchsorted(-bad, -limits, side="left") / len(bad)
    points = {(_r(x), _r(y)) for x, y in zip(false, true, strict=True)} | {(0.0, 0.0), (1.0, 1.0)}
    return [list(point) for point in sorted(points)]


def reliability(approved: Floats, probability: Floats) -> list[Row]:
    """Return predicted and observed approval in equal-count bins, with 95% Wilson intervals."""
    rows = []
    for members in equal_count_bins(probability):
        observed, count = float(approved[members].mean()), len(members)
        low, high = wilson(observed, count)
        rows.append(
            {
                "from": _r(probability[members].min()),
                "to": _r(probability[members].max()),
                "count": count,
                "predicted": _r(probability[members].mean()),
                "observed": _r(observed),
                "observed_low": _r(low),
                "observed_high": _r(high),
            }
        )
    return rows


def distribution(approved: Floats, probability: Floats) -> Row:
    """Return the shares of repaid and of defaulted loans in each of `SCORE_BINS` equal-width bins."""
    edges = np.linspace(0, 1, SCORE_BINS + 1)

    def shares(values: Floats) -> list[float]:
        return [_r(count / len(values)) for count in np.histogram(values, edges)[0]]

    return {
        "edges": [_r(edge) for edge in edges],
        "approved": shares(probability[approved == 1]),
        "defaulted": shares(probability[approved == 0]),
    }


def gains(approved: Floats, probability: Floats) -> list[Row]:
    """Return the share of all defaults that is among the lowest 5%, 10%, … of the scores."""
    defaults = np.cumsum(1 - approved[np.argsort(probability, kind="stable")]) / (1 - approved).sum()
    parts = [step / 20 for step in range(1, 21)]
    return [
        {"applicants": part, "defaults": _r(defaults[max(round(part * len(defaults)) - 1, 0)])}
        for part in parts
    ]


def thresholds(approved: Floats, probability: Floats) -> list[Row]:
    """Return the approval rate and default rates when approving at each threshold or above."""
    rows = []
    for threshold in THRESHOLDS:
        accepted = probability >= threshold
        default_rate = _r(1 - approved[accepted].mean()) if accepted.any() else None
        refused = _r(1 - approved[~accepted].mean()) if not accepted.all() else None
        rows.append(
            {
                "threshold": threshold,
                "approval_rate": _r(accepted.mean()),
                "default_rate_of_approved": default_rate,
                "default_rate_of_refused": refused,
            }
        )
    return rows


def slices(approved: Floats, probability: Floats, parts: Mapping[str, Mask]) -> list[Row]:
    """Return the quality within each part. AUC and ECE are None for small parts and for one outcome."""
    return [
        {"name": name, **_slice(approved[part], probability[part])}
        for name, part in parts.items()
        if part.any()
    ]


def _slice(approved: Floats, probability: Floats) -> Row:
    spread = float(np.sqrt((probability * (1 - probability)).sum()))
    measurable = 0 < approved.mean() < 1 and len(approved) >= MIN_FOR_AUC
    return {
        "count": len(approved),
        "observed": _r(approved.mean()),
        "predicted": _r(probability.mean()),
        "z": _r((approved - probability).sum() / spread),
        "roc_auc": _r(roc_auc(approved, probability)) if measurable else None,
        "brier": _r(brier(approved, probability)),
        "ece": _r(ece(approved, probability)) if measurable else None,
    }


def _r(value: Any) -> float:
    return round(float(value), DIGITS)
