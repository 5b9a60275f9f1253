"""Explains a probability by the contributions of the applicant's fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from predictions.scoring.artifacts import ArtifactRef, load, load_worth
from predictions.scoring.models.protocol import FREE_NAMES, Floats, Model
from predictions.scoring.schema import Applicant, Value
from predictions.scoring.shapley import shapley


@dataclass(frozen=True)
class Contribution:
    """How far the value of `field` moves the approval probability from the base; 0.01 is one point."""

    field: str
    value: Value
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """`base` + the sum of `contributions` = `approval_probability`, within 1e-9.

    The contributions are in schema order, without `loan_percent_income`: it is computed from amount and
    income, so theirs include its effect. A field that the model does not use contributes 0.
    """

    base: float
    approval_probability: float
    contributions: tuple[Contribution, ...]


def explain(folder: Path, ref: ArtifactRef, applicant: Applicant) -> Explanation:
    """Return exact Shapley values against the rows stored with the model; see `shapley` for the method.

    Raises `ArtifactError` when the model of `ref` is not usable, `ValueError` for a bad applicant.
    """
    return explain_all(folder, ref, [applicant])[0]


def explain_all(folder: Path, ref: ArtifactRef, applicants: Sequence[Applicant]) -> list[Explanation]:
    """Return the explanation of each applicant. Raises the same errors as `explain`."""
    model = load(folder, ref)
    worth = _worth(folder, ref, model, model.columns.to_raw(applicants))
    explanations = []
    for applicant, base, probability, values in zip(
        applicants, worth[:, 0].tolist(), worth[:, -1].tolist(), shapley(worth).tolist(), strict=True
    ):
        moved = dict(zip(model.columns.free_names, values, strict=True))
        parts = (Contribution(n, applicant[n], moved.get(n, 0.0)) for n in FREE_NAMES if n in applicant)
        explanations.append(Explanation(base, probability, tuple(parts)))
    return explanations


def _worth(folder: Path, ref: ArtifactRef, model: Model, raw: Floats) -> Floats:
    worth = load_worth(folder, ref)(raw)
    worth[:, -1] = model.approval_of_raw(raw)  # The same but for the last bits.
    return worth
