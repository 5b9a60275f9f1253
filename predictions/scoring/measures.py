"""Quality measures, for model cards and for backtests.

Unless they say otherwise, they take `approved` (n,) of 0.0/1.0 and `probability` (n,) of approval.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import Floats

Measure = Callable[[Floats, Floats], float]
ECE_BINS = 10
# Of a 95% interval of the normal distribution.
Z = 1.959964


def roc_auc(approved: Floats, probability: Floats) -> float:
    """Area under the ROC curve: how often a repaid loan outranks a defaulted one (Mann-Whitney U)."""
    _values, inverse, counts = np.unique(probability, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = approved.sum()
    negative = len(approved) - positive
    return float((ranks[approved == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def gini(approved: Floats, probability: Floats) -> float:
    """2 AUC - 1, the accuracy ratio."""
    return 2 * roc_auc(approved, probability) - 1


def ks(approved: Floats, probability: Floats) -> float:
    """Kolmogorov-Smirnov: the largest distance between the two score distributions."""
    order = np.argsort(probability, kind="stable")
    good = np.cumsum(approved[order]) / approved.sum()
    bad = np.cumsum(1 - approved[order]) / (1 - approved).sum()
    last_of_value = np.append(np.diff(probability[order]) > 0, True)
    return float(np.abs(good - bad)[last_of_value].max())


def brier(approved: Floats, probability: Floats) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((probability - approved) ** 2))


def log_loss(approved: Floats, probability: Floats) -> float:
    """Mean negative log-likelihood, natural logarithm, probabilities clipped at 1e-6."""
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(-np.mean(approved * np.log(clipped) + (1 - approved) * np.log(1 - clipped)))


def equal_count_bins(probability: Floats, count: int = ECE_BINS) -> list[NDArray[np.intp]]:
    """Return row numbers of `count` bins of (almost) equal size, lowest probabilities first."""
    return np.array_split(np.argsort(probability, kind="stable"), count)


def ece(approved: Floats, probability: Floats) -> float:
    """Expected calibration error over `ECE_BINS` equal-count bins."""
    bins = equal_count_bins(probability)
    gaps = [len(rows) * abs(float(approved[rows].mean() - probability[rows].mean())) for rows in bins]
    return sum(gaps) / len(approved)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95% interval of a share of `count` (E. Wilson, JASA 22, 1927)."""
    z = Z
    middle = share + z * z / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    return float(max((middle - half) / whole, 0)), float(min((middle + half) / whole, 1))


def roc_auc_interval(auc: float, good: int, bad: int) -> tuple[float, float]:
    """Return the 95% interval of an AUC on so many repaid and defaulted loans.

    J. Hanley, B. McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982).
    """
    both, twice = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (bad - 1) * (both - auc**2) + (good - 1) * (twice - auc**2)) / (good * bad)
    half = Z * max(variance, 0.0) ** 0.5
    return max(auc - half, 0.0), min(auc + half, 1.0)


MEASURES: dict[str, Measure] = {
    "roc_auc": roc_auc,
    "gini": gini,
    "ks": ks,
    "brier": brier,
    "log_loss": log_loss,
    "ece": ece,
}


def bootstrap(
    approved: Floats, probability: Floats, draws: int, seed: int
) -> dict[str, tuple[float, float, float]]:
    """Return for each measure its value and its 2.5% and 97.5% quantiles over `draws` resamples.

    Percentile bootstrap: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    """
    random = np.random.default_rng(seed)
    samples: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _draw in range(draws):
        rows = random.integers(0, len(approved), len(approved))
        for name, measure in MEASURES.items():
            samples[name].append(measure(approved[rows], probability[rows]))
    result = {}
    for name, measure in MEASURES.items():
        low, high = np.quantile(samples[name], [0.025, 0.975])
        result[name] = (measure(approved, probability), float(low), float(high))
    return result
