"""Fits the scorecard: a logistic regression on binned fields, monotone in every field that has a direction.

Along an ordered axis, a table is the cumulative sum of steps. Steps that must not lower the approval are
bounded at zero, so each table is monotone, also after rounding, and so is their sum.
Solver: L-BFGS-B (R. Byrd et al., SIAM J. Sci. Comput. 16, 1995) on the ridge-penalized likelihood.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.scorecard import Scorecard
from predictions.scoring.models.scorecard_terms import Axis, Bins, Term
from predictions.scoring.schema import DIRECTIONS
from predictions.training.data import Data

POINTS_TO_DOUBLE_ODDS = 100
POINTS = POINTS_TO_DOUBLE_ODDS / np.log(2)  # Points per unit of log-odds.
DECIMALS = 6


@dataclass(frozen=True)
class Plan:
    """One table to fit: its fields, the bin edges of its number fields, and the ridge penalty."""

    fields: tuple[str, ...]
    bin_edges: dict[str, tuple[float, ...]]
    ridge: float = 1.0

    def axes(self) -> tuple[Axis, ...]:
        return tuple(Axis.of(LIVE, field, self.bin_edges.get(field, ())) for field in self.fields)


class _Table:
    """A table during the fit, which converts steps (the parameters) to the log-odds of each cell.

    An ordered axis is turned so that the approval rises along it, and a cell is the sum of the steps up to
    it. With two directed axes, that alone would let facts only reinforce each other, so there is a second set
    of steps, which a cell loses if they lie above it: what one good fact makes up for by itself.
    """

    def __init__(self, plan: Plan, raw: Floats) -> None:
        self.axes = plan.axes()
        self.shape = tuple(axis.size for axis in self.axes)
        self.cells: Bins = np.ravel_multi_index(tuple(axis.bins(raw) for axis in self.axes), self.shape)
        self.ridge = plan.ridge
        self._directions = [DIRECTIONS.get(axis.field, 0) for axis in self.axes]
        ordered = [bool(axis.bin_edges) or direction != 0 for axis, direction in self._paired()]
        # The bins that are summed up along each axis; the bin of unknown values is not part of it.
        self._summed = [
            slice(0, axis.size - axis.column.nullable) if sums else slice(0, 0)
            for axis, sums in zip(self.axes, ordered, strict=True)
        ]
        self._sets = 2 if all(self._directions) and len(self.axes) > 1 else 1
        self.size = self._sets * int(np.prod(self.shape))

    def values(self, steps: Floats) -> Floats:
        sets = steps.reshape(self._sets, *self.shape)
        table = self._below(sets[0])
        return self._turned(table - self._above(sets[1]) if self._sets == 2 else table)

    def gradient(self, residuals: Floats) -> Floats:
        count = int(np.prod(self.shape))
        sums = np.asarray(np.bincount(self.cells, residuals, count), dtype=np.float64).reshape(self.shape)
        turned = self._turned(sums)
        sets = [self._above(turned)] + [-self._below(turned)] * (self._sets - 1)
        return np.concatenate([one.ravel() for one in sets])

    def bounds(self) -> list[tuple[float | None, float | None]]:
        low = np.full((self._sets, *self.shape), -np.inf)
        low[1:] = 0
        for place, (direction, summed) in enumerate(zip(self._directions, self._summed, strict=True)):
            if direction:
                np.moveaxis(low[0], place, 0)[1 : summed.stop] = 0
        return [(bound, None) for bound in low.ravel()]

    def _paired(self) -> list[tuple[Axis, int]]:
        return list(zip(self.axes, self._directions, strict=True))

    def _turned(self, table: Floats) -> Floats:
        """Turn the axes along which the approval falls; its own inverse."""
        turned = table.copy()
        for place, (direction, summed) in enumerate(zip(self._directions, self._summed, strict=True)):
            if direction < 0:
                view = np.moveaxis(turned, place, 0)
                view[summed] = view[summed][::-1].copy()
        return turned

    def _below(self, steps: Floats) -> Floats:
        """Return for each cell the sum of the steps up to it."""
        table = steps.copy()
        for place, summed in enumerate(self._summed):
            view = np.moveaxis(table, place, 0)
            view[summed] = np.cumsum(view[summed], axis=0)
        return table

    def _above(self, steps: Floats) -> Floats:
        """Return for each cell the sum of the steps from it on."""
        table = steps.copy()
        for place, summed in enumerate(self._summed):
            view = np.moveaxis(table, place, 0)
            view[summed] = np.cumsum(view[summed][::-1], axis=0)[::-1]
        return table


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


def fit_scorecard(data: Data, seed: int, *, plans: Sequence[Plan], free: bool = False) -> FittedScorecard:
    """Return the scorecard of `plans` with the highest penalized likelihood on `data`; ignores `seed`.

    A `free` one has no directions.
    """
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
    bounds = [(None, None)] * len(bounds) if free else bounds
    # Sums of floats depend on the number of threads, and the same data has to give the same bytes everywhere.
    with threadpool_limits(1, "blas"):
        solution = minimize(
            objective, np.zeros(ends[-1]), jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": 1500, "maxfun": 2000, "ftol": 1e-9, "gtol": 1e-4},
        )  # fmt: skip
    fitted = [
        table.values(solution.x[start : start + table.size])
        for table, start in zip(tables, ends, strict=False)
    ]
    return FittedScorecard(_in_points(float(solution.x[0]), tables, fitted))


def _in_points(intercept: float, tables: Sequence[_Table], fitted: Sequence[Floats]) -> Scorecard:
    """Return the scorecard in whole points. The lowest cell of each table gets 0; the base has the rest."""
    lowest = [float(values.min()) for values in fitted]
    base = round((intercept + sum(lowest)) * POINTS)
    terms = [
        Term(table.axes, np.rint((values - low) * POINTS).astype(np.int64))
        for table, values, low in zip(tables, fitted, lowest, strict=True)
    ]
    highest = base + sum(int(term.points.max()) for term in terms)
    return Scorecard(base, terms, base, probabilities(np.arange(base, highest + 1)))


def probabilities(totals: NDArray[np.int64]) -> Floats:
    """Return the approval for each total: even odds at 0 points, doubled by each 100 points; 6 decimals."""
    return np.asarray(np.round(1 / (1 + np.exp2(-totals / POINTS_TO_DOUBLE_ODDS)), DECIMALS))
