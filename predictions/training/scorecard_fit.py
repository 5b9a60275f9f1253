"""Fits the scorecard: a logistic regression on binned fields, monotone in the fields of `DIRECTION`.

Along its first axis, if that is ordered, a table is the cumulative sum of steps. A step that must not lower
the approval is bounded at zero, so the fit is monotone, also after rounding.
Solver: L-BFGS-B (R. Byrd et al., SIAM J. Sci. Comput. 16, 1995) on the ridge-penalized likelihood.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.scorecard import Scorecard
from predictions.scoring.models.scorecard_terms import Axis, Bins, Term
from predictions.scoring.schema import FIELDS_BY_NAME, SHARE_FIELD, NumberField
from predictions.training.data import Data

POINTS_TO_DOUBLE_ODDS = 100
POINTS = POINTS_TO_DOUBLE_ODDS / np.log(2)  # Points per unit of log-odds.
DECIMALS = 6

# +1: a higher value never lowers the approval; -1: never raises it.
DIRECTION = {"person_income": 1, SHARE_FIELD: -1, "loan_int_rate": -1, "cb_person_default_on_file": -1}


@dataclass(frozen=True)
class Plan:
    """One table to fit: its fields, the bin edges of its number fields, and the ridge penalty."""

    fields: tuple[str, ...]
    bin_edges: dict[str, tuple[float, ...]]
    ridge: float = 1.0

    def axes(self) -> tuple[Axis, ...]:
        return tuple(Axis.of(LIVE, field, self.bin_edges.get(field, ())) for field in self.fields)


class _Table:
    """A table during the fit, which converts steps (the parameters) to the log-odds of each cell."""

    def __init__(self, plan: Plan, raw: Floats) -> None:
        self.axes = plan.axes()
        self.shape = tuple(axis.size for axis in self.axes)
        self.size = int(np.prod(self.shape))
        self.cells: Bins = np.ravel_multi_index(tuple(axis.bins(raw) for axis in self.axes), self.shape)
        self.ridge = plan.ridge
        first = FIELDS_BY_NAME[plan.fields[0]]
        self.direction = DIRECTION.get(first.name, 0)
        ordered = isinstance(first, NumberField) or self.direction != 0
        unknown = isinstance(first, NumberField) and first.nullable
        # The rows of the cumulative sum; the bin of unknown values is not part of it.
        self.summed = slice(0, self.shape[0] - unknown) if ordered else slice(0, 0)

    def values(self, steps: Floats) -> Floats:
        table = steps.reshape(self.shape).copy()
        table[self.summed] = np.cumsum(table[self.summed], axis=0)
        return table

    def gradient(self, residuals: Floats) -> Floats:
        sums = np.asarray(np.bincount(self.cells, residuals, self.size), dtype=np.float64).reshape(self.shape)
        sums[self.summed] = np.cumsum(sums[self.summed][::-1], axis=0)[::-1]
        return sums.ravel()

    def bounds(self) -> list[tuple[float | None, float | None]]:
        low = np.full(self.shape, -np.inf)
        high = np.full(self.shape, np.inf)
        stepping = slice(1, self.summed.stop)
        if self.direction > 0:
            low[stepping] = 0
        if self.direction < 0:
            high[stepping] = 0
        return list(zip(low.ravel(), high.ravel(), strict=True))


@dataclass(frozen=True)
class FittedScorecard:
    """A scorecard before calibration: its table of probabilities is the logistic function."""

    card: Scorecard

    def outputs(self, raw: Floats) -> Floats:
        return self.card.totals(raw).astype(np.float64)

    def content(self, calibration: Calibration) -> bytes:
        card = self.card
        totals = card.lowest + np.arange(len(card.probabilities), dtype=np.float64)
        table = np.round(calibration(totals), DECIMALS)
        calibrated = Scorecard(card.base, card.terms, card.lowest, table)
        return (json.dumps(calibrated.to_dict(), sort_keys=True) + "\n").encode()


def fit_scorecard(data: Data, seed: int, *, plans: Sequence[Plan]) -> FittedScorecard:
    """Return the scorecard of `plans` with the highest penalized likelihood on `data`; ignores `seed`."""
    tables = [_Table(plan, data.raw) for plan in plans]
    ends = np.cumsum([1] + [table.size for table in tables])
    ridges = np.concatenate([[0.0], *(np.full(table.size, table.ridge) for table in tables)])

    def objective(steps: Floats) -> tuple[float, Floats]:
        log_odds = np.full(len(data), steps[0])
        for table, start in zip(tables, ends, strict=False):
            log_odds += table.values(steps[start : start + table.size]).ravel()[table.cells]
        loss = np.logaddexp(0, log_odds).sum() - data.approved @ log_odds + ridges @ steps**2 / 2
        residuals = 1 / (1 + np.exp(-log_odds)) - data.approved
        slopes = [np.array([residuals.sum()]), *(table.gradient(residuals) for table in tables)]
        return float(loss), np.concatenate(slopes) + ridges * steps

    bounds = [(None, None), *(bound for table in tables for bound in table.bounds())]
    solution = minimize(
        objective, np.zeros(ends[-1]), jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 3000, "maxfun": 4000, "ftol": 1e-9, "gtol": 1e-4},
    )  # fmt: skip
    fitted = [
        table.values(solution.x[start : start + table.size])
        for table, start in zip(tables, ends, strict=False)
    ]
    return FittedScorecard(_in_points(float(solution.x[0]), tables, fitted))


def _in_points(intercept: float, tables: Sequence[_Table], fitted: Sequence[Floats]) -> Scorecard:
    """Return the scorecard in whole points. The lowest cell of each table gets 0; the base has the rest."""
    for table, values in zip(tables, fitted, strict=True):
        _favor_elderly(table.axes, values)
    lowest = [float(values.min()) for values in fitted]
    base = round((intercept + sum(lowest)) * POINTS)
    terms = [
        Term(table.axes, np.rint((values - low) * POINTS).astype(np.int64))
        for table, values, low in zip(tables, fitted, lowest, strict=True)
    ]
    highest = base + sum(int(term.points.max()) for term in terms)
    return Scorecard(base, terms, base, probabilities(np.arange(base, highest + 1)))


def _favor_elderly(axes: tuple[Axis, ...], values: Floats) -> None:
    """Give the bin of 62 and older the points of the best age, in place: 12 CFR 1002.6(b)(2)."""
    if axes[0].field == "person_age":
        values[-1] = values.max(axis=0)


def probabilities(totals: NDArray[np.int64]) -> Floats:
    """Return the approval for each total: even odds at 0 points, doubled by each 100 points; 6 decimals."""
    return np.asarray(np.round(1 / (1 + np.exp2(-totals / POINTS_TO_DOUBLE_ODDS)), DECIMALS))
