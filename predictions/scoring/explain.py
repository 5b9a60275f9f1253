"""Explains a probability by the contributions of the applicant's fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from predictions.scoring.artifacts import ArtifactRef, load, load_worth
from predictions.scoring.models.protocol import FREE_NAMES, Floats, Model
from predictions.scoring.reasons import MAX_REASONS, MIN_COST, code_of
from predictions.scoring.schema import Applicant, Value
from predictions.scoring.shapley import shapley

# Each has 1,024 coalitions in memory.
EXPLAINED_TOGETHER = 1_000


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


def reason_codes(folder: Path, ref: ArtifactRef, raw: Floats) -> list[tuple[str, ...]]:
    """Return the codes of `reasons.reasons` for each row of a raw matrix with the columns of the model.

    Raises `ArtifactError`.
    """
    model = load(folder, ref)
    names = model.columns.free_names
    unknown = np.isnan(raw[:, [model.columns.index[name] for name in names]])
    codes = []
    for first in range(0, len(raw), EXPLAINED_TOGETHER):
        rows = slice(first, first + EXPLAINED_TOGETHER)
        values = shapley(_worth(folder, ref, model, raw[rows]))
        largest = np.argsort(values, axis=1, kind="stable")[:, :MAX_REASONS]
        costly = np.take_along_axis(values, largest, axis=1) <= -MIN_COST
        missing = np.take_along_axis(unknown[rows], largest, axis=1)
        for fields, count, absent in zip(
            largest.tolist(), costly.sum(axis=1).tolist(), missing.tolist(), strict=True
        ):
            codes.append(tuple(code_of(names[fields[i]], absent[i]) for i in range(count)))
    return codes


def _worth(folder: Path, ref: ArtifactRef, model: Model, raw: Floats) -> Floats:
    worth = load_worth(folder, ref)(raw)
    worth[:, -1] = model.approval_of_raw(raw)  # The same but for the last bits.
    return worth
