"""How a version's probabilities compare with what became of the loans.

Only loans that were granted count: of refused ones nobody knows whether they would have been repaid.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
from django.db.models import Count, Q

from accounts.models import User
from predictions.models import Outcome, OutcomeQuerySet, Result, ScoringModel
from predictions.scoring.measures import brier, roc_auc, roc_auc_interval, wilson
from predictions.scoring.models.protocol import Floats

# Of repaid and of defaulted loans each. With fewer, validations mislead: G. Collins, E. Ogundimu, D. Altman,
# "Sample size considerations for the external validation of a multivariable prognostic model" (2016).
MIN_OF_EACH = 100
# Bounds of the bands, of the probability of default. Fixed, so that bands of two versions can be compared.
BANDS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
_ROW = np.dtype([("defaulted", "f8"), ("month", "i4"), ("approval", "f8")])


@dataclass(frozen=True)
class Counts:
    """Outcomes of one version."""

    model: ScoringModel
    version: str
    repaid: int
    defaulted: int
    refused: int

    @property
    def judged(self) -> int:
        """Those that figures are made of."""
        return self.repaid + self.defaulted

    @property
    def enough(self) -> bool:
        return min(self.repaid, self.defaulted) >= MIN_OF_EACH


@dataclass(frozen=True)
class Rate:
    """Defaults of some loans: predicted, and observed with the 95% interval of that."""

    count: int
    predicted: float
    observed: float
    low: float
    high: float

    @property
    def agrees(self) -> bool:
        """Whether chance alone explains the difference."""
        return self.low <= self.predicted <= self.high


@dataclass(frozen=True)
class Band:
    """Loans with a probability of default from `start` to `end`; `end` belongs to the next band."""

    start: float
    end: float
    rate: Rate


@dataclass(frozen=True)
class Month:
    """Loans ordered in the month that begins with `first`."""

    first: date
    rate: Rate


@dataclass(frozen=True)
class Backtest:
    """The figures of one version; None where there are too few outcomes."""

    counts: Counts
    auc: float | None
    auc_interval: tuple[float, float] | None
    brier: float | None
    # What always telling the observed share would get.
    brier_without_model: float | None
    total: Rate | None
    bands: list[Band]
    months: list[Month]


def versions(user: User | None = None) -> list[Counts]:
    """Return the versions with outcomes, of all customers or of one, in the order of the catalog."""
    rows = (
        _of(user)
        .values("model", "model_version")
        .annotate(
            repaid=Count("pk", filter=Q(result=Result.REPAID)),
            defaulted=Count("pk", filter=Q(result=Result.DEFAULTED)),
            refused=Count("pk", filter=Q(result=Result.REFUSED)),
        )
    )
    models = {model.pk: model for model in ScoringModel.objects.all()}
    found = [
        Counts(models[row["model"]], row["model_version"], row["repaid"], row["defaulted"], row["refused"])
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.model.position, one.model.slug, _parts(one.version)))


def backtest(counts: Counts, user: User | None = None) -> Backtest:
    """Return the figures of one of `versions`, called with the same user."""
    granted = _of(user).filter(
        model=counts.model, model_version=counts.version, result__in=(Result.REPAID, Result.DEFAULTED)
    )
    rows = np.fromiter(_numbers(granted), _ROW)
    defaulted, approval = rows["defaulted"], rows["approval"]
    bad = int(defaulted.sum())
    # Others may have been reported since the versions were listed.
    counts = replace(counts, repaid=len(rows) - bad, defaulted=bad)
    auc = interval = score = baseline = None
    if counts.enough:
        auc = roc_auc(1 - defaulted, approval)
        interval = roc_auc_interval(auc, counts.repaid, counts.defaulted)
        score = brier(1 - defaulted, approval)
        baseline = float(defaulted.mean() * (1 - defaulted.mean()))
    return Backtest(
        counts=counts,
        auc=auc,
        auc_interval=interval,
        brier=score,
        brier_without_model=baseline,
        total=_rate(defaulted, 1 - approval) if len(rows) else None,
        bands=list(_bands(defaulted, 1 - approval)),
        months=list(_months(rows)),
    )


def _of(user: User | None) -> OutcomeQuerySet:
    return Outcome.objects.reported() if user is None else Outcome.objects.of(user).reported()


def _numbers(granted: OutcomeQuerySet) -> Iterator[tuple[bool, int, float]]:
    columns = granted.values_list("result", "ordered_on", "approval_probability")
    for result, day, approval in columns.iterator(chunk_size=20_000):
        yield result == Result.DEFAULTED, 12 * day.year + day.month - 1, approval


def _bands(defaulted: Floats, predicted: Floats) -> Iterator[Band]:
    places = np.digitize(predicted, BANDS[1:-1])
    for place, (start, end) in enumerate(pairwise(BANDS)):
        inside = places == place
        if inside.any():
            yield Band(start, end, _rate(defaulted[inside], predicted[inside]))


def _months(rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> Iterator[Month]:
    for month in np.unique(rows["month"]).tolist():
        own = rows[rows["month"] == month]
        yield Month(date(month // 12, month % 12 + 1, 1), _rate(own["defaulted"], 1 - own["approval"]))


def _rate(defaulted: Floats, predicted: Floats) -> Rate:
    observed, count = float(defaulted.mean()), len(defaulted)
    return Rate(count, float(predicted.mean()), observed, *wilson(observed, count))


def _parts(version: str) -> tuple[tuple[int, str], ...]:
    """Sort 1.10.0 after 1.9.0."""
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in version.split("."))
