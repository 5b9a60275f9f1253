"""The logistic regression as a scorecard: a table of whole points and a table of probabilities.

Each term looks up one or two fields in its table. The points of all terms are added to the base points,
and the total is looked up in the table of probabilities. Whole numbers add up exactly in any order, so a
person with the published tables gets exactly the same probability.
Method: N. Siddiqi, "Credit Risk Scorecards" (2006), chapter 6.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.mixes import Worth
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.scorecard_terms import Axis, Term
from predictions.scoring.models.scorecard_worth import ScorecardWorth
from predictions.scoring.schema import Applicant


class Scorecard:
    """Base points, terms, and the probability of approval of each total, from `lowest` up."""

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
        """The inverse of `to_dict`. Raises `KeyError` or `ValueError` if it does not fit `columns`."""
        terms = []
        for term in content["terms"]:
            axes = tuple(Axis.of(columns, axis["field"], axis["cuts"]) for axis in term["axes"])
            points = np.array(term["points"], dtype=np.int64)
            if points.shape != tuple(axis.size for axis in axes):
                raise ValueError(f"the table of {[axis.field for axis in axes]} has the wrong shape")
            terms.append(Term(axes, points))
        probabilities = np.array(content["probabilities"], float)
        scorecard = cls(int(content["base"]), terms, int(content["lowest"]), probabilities, columns)
        low = scorecard.base + sum(int(term.points.min()) for term in terms)
        high = scorecard.base + sum(int(term.points.max()) for term in terms)
        if low < scorecard.lowest or high >= scorecard.lowest + len(scorecard.probabilities):
            raise ValueError("some totals have no probability")
        return scorecard

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
        """Return the total of points of each row of a raw matrix, shape (n,)."""
        totals = np.full(len(raw), self.base, dtype=np.int64)
        for term in self.terms:
            totals += term.points[term.cells(raw)]
        return totals

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(self.columns.to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        return self.probabilities[self.totals(raw) - self.lowest]

    def worth(self, content: bytes, background: Floats) -> Worth:
        start = self.base - self.lowest
        return ScorecardWorth(self.columns, self.terms, start, self.probabilities, background)
