"""What-if answers: the approval after changes, ICE curves, and the smallest reduction of the loan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from predictions.scoring.artifacts import ArtifactRef, load
from predictions.scoring.model_card import certain_fields
from predictions.scoring.parsing import FieldProblem, InvalidApplicant, parse_applicant
from predictions.scoring.schema import FIELDS_BY_NAME, SHARE_FIELD, Applicant, NumberField, gettext_noop

_ = gettext_noop

CURVE_FIELDS = ("loan_amnt", "person_income", "loan_int_rate")
CURVE_POINTS = 60
AMOUNT_STEP = 25  # USD. Lenders grant multiples of it.
MAX_AMOUNTS = 2_000


@dataclass(frozen=True)
class WhatIf:
    """The changed applicant, complete with its recomputed share, and its probability of approval.

    `certain`: the actionable fields that, by construction of the model, never lower the approval when they
    alone get better.
    """

    applicant: Applicant
    approval_probability: float
    certain: tuple[str, ...] = ()


@dataclass(frozen=True)
class CurvePoint:
    """The approval if only the field of the curve had this `value`."""

    value: int | float
    approval_probability: float


@dataclass(frozen=True)
class LoanReduction:
    """The largest loan that reaches the goal: its `amount`, and the `reduction` to it, both in USD."""

    amount: int
    reduction: int
    approval_probability: float


def what_if(folder: Path, ref: ArtifactRef, applicant: Applicant, changes: Mapping[str, object]) -> WhatIf:
    """Return the approval after `changes` to actionable fields, typed values as in `parse_applicant`.

    Raises `InvalidApplicant` for a field that is not actionable (code ``not_actionable``), an unknown field,
    a bad value, or a value that the model was not trained on (``not_supported_by_model``), and
    `ArtifactError` if the model of `ref` is not usable.
    """
    problems = [
        FieldProblem(name, "not_actionable", _("This field cannot be changed."), {})
        for name in changes
        if name in FIELDS_BY_NAME and not FIELDS_BY_NAME[name].actionable
    ]
    if problems:
        raise InvalidApplicant(problems)
    changed = _changed(applicant, changes)
    model = load(folder, ref)
    model.columns.check(changed)
    certain = tuple(n for n in certain_fields(folder, ref) if FIELDS_BY_NAME[n].actionable)
    return WhatIf(changed, float(model.approval([changed])[0]), certain)


def ice_curve(folder: Path, ref: ArtifactRef, applicant: Applicant, field: str) -> list[CurvePoint]:
    """Return the approval over the training range of `field`, all else equal, by rising distinct values.

    `field` is one of `CURVE_FIELDS`; raises `ValueError` for others. The applicant's own value is one of the
    points, also outside the training range. Values that make the applicant invalid are left out.
    """
    if field not in CURVE_FIELDS:
        raise ValueError(f"no curve over {field}")
    variants = _variants(applicant, field, _grid(applicant, field))
    return _points(load(folder, ref).approval(variants).tolist(), variants, field)


def smallest_reduction(
    folder: Path, ref: ArtifactRef, applicant: Applicant, goal: float
) -> LoanReduction | None:
    """Return the smallest reduction of the loan amount that brings the approval to `goal` (0 to 1) or above.

    Tries every multiple of `AMOUNT_STEP` below the amount, or of a larger step if there are more than
    `MAX_AMOUNTS`, because the approval of some models is not monotone in the amount. The reduction is 0
    if the current loan already reaches the goal. Returns None if no reduction does.
    """
    amount = applicant["loan_amnt"]
    assert isinstance(amount, int)
    step = AMOUNT_STEP * -(-amount // (AMOUNT_STEP * MAX_AMOUNTS))
    amounts = [amount, *range((amount - 1) // step * step, 0, -step)]
    variants = _variants(applicant, "loan_amnt", amounts)
    approval = load(folder, ref).approval(variants)
    reached = np.flatnonzero(approval >= goal)
    if not len(reached):
        return None
    best = amounts[reached[0]]
    return LoanReduction(best, amount - best, float(approval[reached[0]]))


def _changed(applicant: Applicant, changes: Mapping[str, object]) -> Applicant:
    free = {name: value for name, value in applicant.items() if name != SHARE_FIELD}
    return parse_applicant({**free, **changes})


def _grid(applicant: Applicant, field: str) -> list[int | float]:
    declared = FIELDS_BY_NAME[field]
    assert isinstance(declared, NumberField)
    own = applicant[field]
    ends = [declared.trained_from, declared.trained_to, *([own] if isinstance(own, int | float) else [])]
    # Incomes span two orders of magnitude: even steps would leave few points among the low ones.
    space = np.geomspace if field == "person_income" else np.linspace
    grid = space(min(ends), max(ends), CURVE_POINTS).tolist()
    values = {round(value) if declared.integer else round(value, 2) for value in grid}
    return sorted(values | set(ends[2:]))


def _variants(applicant: Applicant, field: str, values: Sequence[int | float]) -> list[Applicant]:
    variants = []
    for value in values:
        try:
            variants.append(_changed(applicant, {field: value}))
        except InvalidApplicant:
            continue  # Only by the upper bound of the share: a small income or a large loan.
    return variants


def _points(approval: Sequence[float], variants: Sequence[Applicant], field: str) -> list[CurvePoint]:
    points = []
    for variant, probability in zip(variants, approval, strict=True):
        value = variant[field]
        assert isinstance(value, int | float)
        points.append(CurvePoint(value, probability))
    return points
