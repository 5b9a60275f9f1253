"""Why this very probability: contributions of the applicant's fields."""

from dataclasses import dataclass
from pathlib import Path

from predictions.scoring.artifacts import ArtifactRef, background, load
from predictions.scoring.models.protocol import FREE_NAMES
from predictions.scoring.schema import Applicant, Value
from predictions.scoring.shapley import shapley


@dataclass(frozen=True)
class Contribution:
    """How much this field's value moved the approval away from the base, in probability."""

    field: str
    value: Value
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """`base` + the sum of `contributions` = `approval_probability`, within 1e-9.

    The contributions stand in the order of the schema, without `loan_percent_income`: its part belongs
    to amount and income, from which it is worked out. A field that the model does not know moves nothing.
    """

    base: float
    approval_probability: float
    contributions: tuple[Contribution, ...]


def explain(folder: Path, ref: ArtifactRef, applicant: Applicant) -> Explanation:
    """Exact Shapley values against the rows stored with the model; see `shapley` for the method.

    Raises `ArtifactError` when the model of `ref` is not usable, `ValueError` for a bad applicant.
    """
    model = load(folder, ref)
    raw = model.columns.to_raw([applicant])
    base, values = shapley(model, raw, model.columns.to_raw(background(folder, ref)))
    moved = dict(zip(model.columns.free_names, values.tolist(), strict=True))
    return Explanation(
        base=base,
        approval_probability=float(model.approval_of_raw(raw)[0]),
        contributions=tuple(
            Contribution(name, applicant[name], moved.get(name, 0.0))
            for name in FREE_NAMES
            if name in applicant
        ),
    )
