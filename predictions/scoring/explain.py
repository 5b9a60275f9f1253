"""Explains a probability by the contributions of the applicant's fields."""

from dataclasses import dataclass
from pathlib import Path

from predictions.scoring.artifacts import ArtifactRef, background, load
from predictions.scoring.models.protocol import FREE_NAMES
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
    model = load(folder, ref)
    raw = model.columns.to_raw([applicant])
    base, values = shapley(model, raw, model.columns.to_raw(background(folder, ref)))
    contributions = dict(zip(model.columns.free_names, values.tolist(), strict=True))
    return Explanation(
        base=base,
        approval_probability=float(model.approval_of_raw(raw)[0]),
        contributions=tuple(
            Contribution(name, applicant[name], contributions.get(name, 0.0))
            for name in FREE_NAMES
            if name in applicant
        ),
    )
