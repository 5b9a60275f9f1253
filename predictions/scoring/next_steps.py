"""What an applicant could realistically do next, and how far each step moves the approval."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from predictions.scoring.artifacts import ArtifactRef, load
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.schema import FIELDS_BY_NAME, SHARE_FIELD, Applicant, NumberField, Value

MAX_STEPS = 3
# A step that moves the approval by less than a point is not worth the effort.
MIN_GAIN = 0.01
# Of the changes of a field, the smallest that brings this share of what the largest gain brings.
ENOUGH = 0.8
# What people can do within weeks: borrow less, find a better rate, show a second income. Shares of the amount
# and of the income, points of the rate.
LESS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
RATE_POINTS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
MORE_INCOME = (0.05, 0.1, 0.15, 0.2, 0.25)
AMOUNT_STEP, INCOME_STEP = 100, 500


@dataclass(frozen=True)
class NextStep:
    """Values to change, and the approval with them."""

    changes: dict[str, Value]
    approval_probability: float


def next_steps(folder: Path, ref: ArtifactRef, applicant: Applicant) -> list[NextStep]:
    """Return up to `MAX_STEPS` steps: a change of each of the fields that gain most, then these together.

    Empty if no change gains `MIN_GAIN`. Raises `ArtifactError` if the model of `ref` is not usable.
    """
    model = load(folder, ref)
    tried = list(_variants(applicant))
    before, *after = model.approval([applicant, *(variant for _name, _value, variant in tried)]).tolist()
    of_fields: dict[str, list[tuple[Value, float]]] = {}
    for (name, value, _variant), approval in zip(tried, after, strict=True):
        of_fields.setdefault(name, []).append((value, approval))
    best: dict[str, tuple[Value, float]] = {}
    for name, changes in of_fields.items():
        most = max(approval for _value, approval in changes) - before
        if most >= MIN_GAIN:
            best[name] = next(change for change in changes if change[1] - before >= ENOUGH * most)
    ranked = sorted(best.items(), key=lambda item: -item[1][1])[: MAX_STEPS - 1]
    steps = [NextStep({name: value}, approval) for name, (value, approval) in ranked]
    if len(steps) == MAX_STEPS - 1:
        together = {name: value for step in steps for name, value in step.changes.items()}
        (approval,) = model.approval([_changed(applicant, together)]).tolist()
        if approval > steps[0].approval_probability:
            steps.append(NextStep(together, approval))
    return steps


def _variants(applicant: Applicant) -> Iterator[tuple[str, Value, Applicant]]:
    """Yield each field, its new value and the applicant with it; the smallest change of a field first."""
    for name, value in _values(applicant):
        try:
            yield name, value, _changed(applicant, {name: value})
        except InvalidApplicant:
            # The step leads out of the bounds.
            continue


def _values(applicant: Applicant) -> Iterator[tuple[str, Value]]:
    amount, income, rate = (applicant[name] for name in ("loan_amnt", "person_income", "loan_int_rate"))
    assert isinstance(amount, int)
    assert isinstance(income, int)
    for share in LESS:
        less = int(amount * (1 - share) // AMOUNT_STEP * AMOUNT_STEP)
        if less >= _field("loan_amnt").trained_from:
            yield "loan_amnt", less
    for points in RATE_POINTS:
        if isinstance(rate, int | float) and rate - points >= _field("loan_int_rate").trained_from:
            yield "loan_int_rate", round(rate - points, 2)
    for share in MORE_INCOME:
        yield "person_income", int(-(-income * (1 + share) // INCOME_STEP) * INCOME_STEP)


def _field(name: str) -> NumberField:
    field = FIELDS_BY_NAME[name]
    assert isinstance(field, NumberField)
    return field


def _changed(applicant: Applicant, changes: dict[str, Value]) -> Applicant:
    return parse_applicant({name: v for name, v in applicant.items() if name != SHARE_FIELD} | changes)
