"""The worth of all coalitions to a scorecard, for many applicants together.

A term reads few fields, so it has few coalitions. Terms that share fields are added up over the coalitions of
their fields; what remains are groups that have no field in common, and their sums are added as a table that
has one dimension for each group.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Columns, Floats
from predictions.scoring.models.mixes import SHARE_PARTS, players, positions
from predictions.scoring.models.scorecard_terms import Axis, Term
from predictions.scoring.schema import SHARE_FIELD

# The points of so many are looked up together, and the totals of so few added up: these fit in the
# processor's cache.
APPLICANTS = 64
ADDED_TOGETHER = 4

Whole = NDArray[np.int64]


class ScorecardWorth:
    """A `mixes.Worth`. `probabilities` are looked up by the sum of the points of all terms and `start`."""

    def __init__(
        self, columns: Columns, terms: Sequence[Term], start: int, probabilities: Floats, background: Floats
    ) -> None:
        self._columns, self._start, self._probabilities = columns, start, probabilities
        self._background = background
        self._groups = _groups(terms)
        fields = [field for group in self._groups for field in _fields(group)]
        self._order = positions(columns, fields)

    def __call__(self, raw: Floats) -> Floats:
        worth = np.empty((len(raw), len(self._order)))
        for first in range(0, len(raw), APPLICANTS):
            worth[first : first + APPLICANTS] = self._worth(raw[first : first + APPLICANTS])
        return worth

    def _worth(self, raw: Floats) -> Floats:
        people = len(self._background)
        totals = np.full((len(raw), 1, people), self._start)
        *others, last = (self._points(group, raw) for group in self._groups)
        for points in others:
            totals = _added(totals, points)
        # By far the largest table.
        means = np.empty((len(raw), last.shape[1] * totals.shape[1]))
        for first in range(0, len(raw), ADDED_TOGETHER):
            some = slice(first, first + ADDED_TOGETHER)
            # No total is outside of the table, so nothing is clipped; it is the mode that does not check.
            chances = self._probabilities.take(_added(totals[some], last[some]), mode="clip")
            means[some] = np.einsum("acr->ac", chances)
        return means[:, self._order] / people

    def _points(self, terms: Sequence[Term], raw: Floats) -> Whole:
        """Return the points by applicant, coalition of the fields of `terms`, and background row."""
        fields = _fields(terms)
        return reduce(
            np.add, (self._of_term(term, raw)[:, _parts(fields, _fields([term]))] for term in terms)
        )

    def _of_term(self, term: Term, raw: Floats) -> Whole:
        fields = _fields([term])
        bins = tuple(self._bins(axis, raw)[:, _parts(fields, players(axis.field))] for axis in term.axes)
        return term.points[bins]

    def _bins(self, axis: Axis, raw: Floats) -> NDArray[np.intp]:
        """Return the bins by applicant, coalition of the fields that decide the axis, and background row."""
        if axis.field != SHARE_FIELD:
            return np.stack([axis.bins_of(values) for values in self._pair(raw, axis.position)], axis=1)
        incomes, amounts = (self._pair(raw, self._columns.index[name]) for name in SHARE_PARTS)
        shares = [amount / income for amount in amounts for income in incomes]
        return axis.bins_of(np.stack(shares, axis=1))

    def _pair(self, raw: Floats, position: int) -> tuple[Floats, Floats]:
        """Return the values of a column in the background and of the applicants, by applicant and row."""
        shape = len(raw), len(self._background)
        theirs, own = self._background[:, position], raw[:, position, None]
        return np.broadcast_to(theirs, shape), np.broadcast_to(own, shape)


def _added(totals: Whole, points: Whole) -> Whole:
    """Return the totals for each pair of coalitions; those of `points` are the higher bits."""
    pairs: Whole = totals[:, None] + points[:, :, None]
    return pairs.reshape(len(totals), -1, totals.shape[-1])


def _fields(terms: Sequence[Term]) -> tuple[str, ...]:
    """Return the free fields that decide the points of `terms`."""
    return tuple(
        dict.fromkeys(field for term in terms for axis in term.axes for field in players(axis.field))
    )


def _groups(terms: Sequence[Term]) -> list[list[Term]]:
    """Return the terms in groups that have no field in common, those of few fields first."""
    groups: list[list[Term]] = []
    for term in terms:
        fields = set(_fields([term]))
        joined = [group for group in groups if fields & set(_fields(group))]
        groups = [group for group in groups if not fields & set(_fields(group))]
        groups.append([*(other for group in joined for other in group), term])
    return sorted(groups, key=lambda group: len(_fields(group)))


def _parts(fields: Sequence[str], some: Sequence[str]) -> NDArray[np.intp]:
    """Return, for each coalition of `fields`, which coalition of `some` of them it contains."""
    coalitions = np.arange(2 ** len(fields))
    bits = [coalitions >> fields.index(field) & 1 for field in some]
    return np.asarray(sum(bit << place for place, bit in enumerate(bits)), dtype=np.intp)
