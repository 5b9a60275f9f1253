"""Rows of the history: one for each prediction, and one for all parts of a comparison that stand together."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext

from predictions.formats.numbers import number, percent
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS_BY_NAME, ChoiceField


@dataclass(frozen=True)
class Row:
    """The parts of one order; a single prediction has one part."""

    parts: list[Prediction]

    @property
    def first(self) -> Prediction:
        return self.parts[0]

    @property
    def is_comparison(self) -> bool:
        return len(self.parts) > 1

    @property
    def ids(self) -> str:
        return ",".join(str(part.pk) for part in self.parts)

    @property
    def name(self) -> str:
        """The label, or what the loan is for and its amount."""
        return self.first.label or _loan_name(self.first)

    @property
    def results(self) -> list[Prediction]:
        """The parts that have a result, the lowest first."""
        scored = [part for part in self.parts if part.approval_probability is not None]
        return sorted(scored, key=lambda part: part.approval_probability or 0)

    @property
    def span(self) -> str:
        """``0.3–1.6%`` of a comparison, as far as it has results; "" without."""
        shown = [percent(part.approval_probability or 0) for part in self.results]
        return shown[0] if len(set(shown)) == 1 else f"{shown[0]} – {shown[-1]}" if shown else ""

    @property
    def price(self) -> int:
        return sum(part.price for part in self.parts)


def grouped(predictions: Iterable[Prediction]) -> list[Row]:
    """Return the rows of a list in its order. Parts of a comparison are one row where they are neighbors."""
    groups = groupby(predictions, key=lambda row: row.comparison_id or row.pk)
    return [Row(list(parts)) for _key, parts in groups]


def _loan_name(prediction: Prediction) -> str:
    purpose = FIELDS_BY_NAME["loan_intent"]
    assert isinstance(purpose, ChoiceField)
    label = gettext(purpose.label_of(str(prediction.applicant["loan_intent"])))
    return f"{label}, {number(prediction.applicant['loan_amnt'])}\u00a0USD"
