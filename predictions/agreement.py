"""How far several models agree on one applicant."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from predictions import explaining
from predictions.explaining import Explanation
from predictions.models import Prediction

# Up to this distance between the highest and the lowest probability, the words.
WORDS = (
    (0.05, _("The models agree closely.")),
    (0.15, _("The models agree roughly.")),
    (0.30, _("The models differ noticeably.")),
    (1.0, _("The models disagree. Trust none of them alone.")),
)


@dataclass(frozen=True)
class Agreement:
    lowest: float
    highest: float

    @property
    def spread(self) -> float:
        return self.highest - self.lowest

    @property
    def words(self) -> StrOrPromise:
        return next(words for most, words in WORDS if self.spread <= most)


@dataclass(frozen=True)
class Row:
    """One field's contribution in each model, in the order of the models."""

    field: str
    contributions: list[float]


@dataclass(frozen=True)
class Aligned:
    """The explanations side by side; the field that moves most stands first."""

    parts: list[Prediction]
    explanations: list[Explanation]
    rows: list[Row]


def agreement_of(parts: Sequence[Prediction]) -> Agreement | None:
    """None with fewer than two results."""
    found = [part.approval_probability for part in parts if part.approval_probability is not None]
    return Agreement(min(found), max(found)) if len(found) > 1 else None


def aligned(parts: Sequence[Prediction]) -> Aligned | None:
    """None as long as not every result is explained."""
    succeeded = [part for part in parts if part.status == Prediction.Status.SUCCEEDED]
    explanations = [found for part in succeeded if (found := explaining.explanation_of(part))]
    if not explanations or len(explanations) < len(succeeded):
        return None
    by_field: dict[str, list[float]] = {}
    for explanation in explanations:
        for row in explanation.contributions:
            by_field.setdefault(row["field"], []).append(row["contribution"])
    rows = [Row(field, changes) for field, changes in by_field.items()]
    rows.sort(key=lambda row: -sum(abs(change) for change in row.contributions))
    return Aligned(succeeded, explanations, rows)
