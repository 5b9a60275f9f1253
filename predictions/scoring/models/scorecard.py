"""The logistic regression as a scorecard: a table of whole points and a table of probabilities.

Each term of the card looks one or two facts up in its table; the points of all terms are added to
the base points; the total is looked up in the table of probabilities. Whole numbers add up exactly in
any order, so a person with the published table gets the very same probability.
Method: N. Siddiqi, "Credit Risk Scorecards" (2006), chapter 6.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Column, Columns
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.schema import Applicant

Bins = NDArray[np.intp]


@dataclass(frozen=True)
class Axis:
    """How one field falls into bins.

    A number is in bin i when it is at or above exactly i of the `bin_edges`; unknown is a last bin of its
    own. A choice, without edges, is its own bin, in the order of `Column.choices`.
    """

    column: Column
    position: int  # Of the column in the raw matrix.
    bin_edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, columns: Columns, field: str, bin_edges: Sequence[float] = ()) -> "Axis":
        """Raises `KeyError` when `columns` have no such field."""
        return cls(columns[field], columns.index[field], tuple(bin_edges))

    @property
    def field(self) -> str:
        return self.column.name

    @property
    def size(self) -> int:
        return len(self.column.choices) or len(self.bin_edges) + 1 + self.column.nullable

    def bins(self, raw: Floats) -> Bins:
        """The bin of each row, shape (n,); NaN sorts after every edge."""
        values = raw[:, self.position]
        if self.column.choices:
            return values.astype(np.intp)
        found = np.searchsorted(np.array(self.bin_edges), values, side="right")
        found[np.isnan(values)] = self.size - 1
        return found


@dataclass(frozen=True)
class Term:
    """A table of points over one field, or over two that act together; `points` has an axis for each."""

    axes: tuple[Axis, ...]
    points: NDArray[np.int64]

    def cells(self, raw: Floats) -> tuple[Bins, ...]:
        return tuple(axis.bins(raw) for axis in self.axes)


class Scorecard:
    """Base points, terms, and the probability of approval of every total from `lowest` up."""

    def __init__(
        self,
        base: int,
        terms: Sequence[Term],
        lowest: int,
        probabilities: Floats,
        columns: Columns = LIVE,
    ) -> None:
        self.base, self.terms, self.lowest, self.probabilities = base, tuple(terms), lowest, probabilities
        self.columns = columns

    @classmethod
    def read(cls, content: bytes, columns: Columns = LIVE) -> "Scorecard":
        return cls.from_dict(json.loads(content), columns)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], columns: Columns = LIVE) -> "Scorecard":
        """Raises `KeyError` or `ValueError` when the content is no scorecard over `columns`."""
        terms = []
        for term in content["terms"]:
            axes = tuple(Axis.of(columns, axis["field"], axis["cuts"]) for axis in term["axes"])
            points = np.array(term["points"], dtype=np.int64)
            if points.shape != tuple(axis.size for axis in axes):
                raise ValueError(f"the table of {[axis.field for axis in axes]} has a wrong shape")
            terms.append(Term(axes, points))
        probabilities = np.array(content["probabilities"], float)
        card = cls(int(content["base"]), terms, int(content["lowest"]), probabilities, columns)
        low = card.base + sum(int(term.points.min()) for term in terms)
        high = card.base + sum(int(term.points.max()) for term in terms)
        if low < card.lowest or high >= card.lowest + len(card.probabilities):
            raise ValueError("some totals have no probability")
        return card

    def to_dict(self) -> dict[str, Any]:
        return {
            "base": self.base,
            "terms": [
                {
                    "axes": [{"field": axis.field, "cuts": list(axis.bin_edges)} for axis in term.axes],
                    "points": term.points.tolist(),
                }
                for term in self.terms
            ],
            "lowest": self.lowest,
            "probabilities": self.probabilities.tolist(),
        }

    def totals(self, raw: Floats) -> NDArray[np.int64]:
        """The points of each row of a raw matrix, shape (n,)."""
        totals = np.full(len(raw), self.base, dtype=np.int64)
        for term in self.terms:
            totals += term.points[term.cells(raw)]
        return totals

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(self.columns.to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        return self.probabilities[self.totals(raw) - self.lowest]
