"""How far several models agree on one applicant."""

from collections.abc import Sequence
from dataclasses import dataclass

from predictions.models import Prediction
from predictions.results import explanations
from predictions.scoring.explain import Explanation


@dataclass(frozen=True)
class Agreement:
    """The lowest and the highest probability of approval."""

    lowest: float
    highest: float


@dataclass(frozen=True)
class Row:
    """One field's contribution in each model, in the order of the models."""

    field: str
    contributions: list[float]


@dataclass(frozen=True)
class Aligned:
    """Explanations of all models by field, the field with the largest contributions first."""

    parts: list[Prediction]
    explanations: list[Explanation]
    rows: list[Row]


def agreement_of(parts: Sequence[Prediction]) -> Agreement | None:
    """Return the agreement of `parts`; None with fewer than two results."""
    probabilities = [part.approval_probability for part in parts if part.approval_probability is not None]
    return Agreement(min(probabilities), max(probabilities)) if len(probabilities) > 1 else None


def aligned(parts: Sequence[Prediction]) -> Aligned | None:
    """Return the aligned explanations of `parts`; None until every result is explained."""
    succeeded = [part for part in parts if part.status == Prediction.Status.SUCCEEDED]
    explained = [explanation for part in succeeded if (explanation := explanations.explanation_of(part))]
    if not explained or len(explained) < len(succeeded):
        return None
    by_field: dict[str, list[float]] = {}
    for explanation in explained:
        for part in explanation.contributions:
            by_field.setdefault(part.field, []).append(part.contribution)
    rows = [Row(field, changes) for field, changes in by_field.items()]
    rows.sort(key=lambda row: -sum(abs(change) for change in row.contributions))
    return Aligned(succeeded, explained, rows)
