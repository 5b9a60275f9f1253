"""What another loan, income or rate would give: a changed application, ICE curves, the smallest reduction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from predictions.scoring.artifacts import ArtifactRef, load
from predictions.scoring.parsing import FieldProblem, InvalidApplicant, parse_applicant
from predictions.scoring.schema import FIELDS_BY_NAME, SHARE_FIELD, Applicant, NumberField, gettext_noop

_ = gettext_noop

CURVE_FIELDS = ("loan_amnt", "person_income", "loan_int_rate")
CURVE_POINTS = 60
AMOUNT_STEP = 25  # USD; lenders grant whole multiples of it.
MAX_AMOUNTS = 2_000


@dataclass(frozen=True)
class WhatIf:
    """The changed applicant (complete, its share worked out anew) and its probability of approval."""

    applicant: Applicant
    approval_probability: float


@dataclass(frozen=True)
class CurvePoint:
    """The approval if only this one field had this `value`."""

    value: int | float
    approval_probability: float


@dataclass(frozen=True)
class LoanReduction:
    """The largest smaller loan that reaches the goal: its `amount`, and the `reduction` that leads to it."""

    amount: int
    reduction: int
    approval_probability: float


def what_if(folder: Path, ref: ArtifactRef, applicant: Applicant, changes: Mapping[str, object]) -> WhatIf:
    """The approval after `changes` (typed values as in `parse_applicant`) to actionable fields.

    Raises `InvalidApplicant` for a field that nobody can change at will (code ``not_actionable``), an
    unknown one, a bad value, or one that the model has never seen (``not_supported_by_model``);
    `ArtifactError` when the model of `ref` is not usable.
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
    return WhatIf(changed, float(model.approval([changed])[0]))


def ice_curve(folder: Path, ref: ArtifactRef, applicant: Applicant, field: str) -> list[CurvePoint]:
    """Approval over the training range of `field`, all else as it is, by rising value, no value twice.

    `field` is one of `CURVE_FIELDS`. The applicant's own value is one of the points, also where it lies
    outside the training range. Values that would make an impossible applicant are left out.
    """
    if field not in CURVE_FIELDS:
        raise ValueError(f"no curve over {field}")
    variants = _variants(applicant, field, _grid(applicant, field))
    return _points(load(folder, ref).approval(variants).tolist(), variants, field)


def smallest_reduction(
    folder: Path, ref: ArtifactRef, applicant: Applicant, goal: float
) -> LoanReduction | None:
    """The smallest reduction of the loan amount that brings the approval to `goal` (0 to 1) or above.

    Tries every whole multiple of `AMOUNT_STEP` below the amount, or of a larger step where these are more
    than `MAX_AMOUNTS`, because the approval of the tree models need not fall evenly with the amount. A
    reduction of 0 means that the loan as it is reaches the goal already; None means that no reduction does.
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
    about = FIELDS_BY_NAME[field]
    assert isinstance(about, NumberField)
    own = applicant[field]
    ends = [about.trained_from, about.trained_to, *([own] if isinstance(own, int | float) else [])]
    # Incomes spread over two powers of ten: even steps would leave the low ones, where it matters, bare.
    spread = np.geomspace if field == "person_income" else np.linspace
    grid = spread(min(ends), max(ends), CURVE_POINTS).tolist()
    values = {round(value) if about.integer else round(value, 2) for value in grid}
    return sorted(values | set(ends[2:]))


def _variants(applicant: Applicant, field: str, values: Sequence[int | float]) -> list[Applicant]:
    found = []
    for value in values:
        try:
            found.append(_changed(applicant, {field: value}))
        except InvalidApplicant:
            continue  # Only the share's upper bound: a tiny income, a huge loan.
    return found


def _points(approval: Sequence[float], variants: Sequence[Applicant], field: str) -> list[CurvePoint]:
    points = []
    for variant, probability in zip(variants, approval, strict=True):
        value = variant[field]
        assert isinstance(value, int | float)
        points.append(CurvePoint(value, probability))
    return points
