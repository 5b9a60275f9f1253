"""Reason codes: the facts of an applicant that lower the probability of approval most.

Codes and texts are declared with the fields in `schema`. The meaning of a code never changes; its text is an
English message id with `params`. Numbers in `params` are not formatted, because the format depends on the
reader's language.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from predictions.scoring.schema import (
    FIELDS,
    FIELDS_BY_NAME,
    SHARE_FIELD,
    Applicant,
    ChoiceField,
    NumberField,
)

MAX_REASONS = 4
MIN_COST = 0.01  # In probability. Smaller effects are not worth showing.


@dataclass(frozen=True)
class Reason:
    """Why the approval is lower. `text` % `params` is a sentence."""

    code: str
    field: str
    text: str
    params: Mapping[str, int | float | str]


CODES = {field.name: field.reason_code for field in FIELDS if field.reason_code}


def reasons(
    applicant: Applicant, contributions: Mapping[str, float], *, leave_out: Collection[str] = ()
) -> tuple[Reason, ...]:
    """Return up to `MAX_REASONS` reasons, the largest effect first; empty if nothing costs `MIN_COST`.

    `contributions` maps each free field to its Shapley value, in probability of approval. Fields in
    `leave_out` give no reason.
    """
    costly = sorted(
        (field for field, value in contributions.items() if value <= -MIN_COST and field not in leave_out),
        key=lambda field: contributions[field],
    )
    return tuple(_reason(applicant, field) for field in costly[:MAX_REASONS])


def code_of(name: str, unknown: bool) -> str:
    """Return the reason code of a field, or that of its unknown value."""
    field = FIELDS_BY_NAME[name]
    return field.unknown_code if unknown and isinstance(field, NumberField) else field.reason_code


def _reason(applicant: Applicant, name: str) -> Reason:
    field, value = FIELDS_BY_NAME[name], applicant[name]
    code = code_of(name, value is None)
    if isinstance(field, ChoiceField):
        return Reason(code, name, field.reason_of(str(value)), {"value": str(value)})
    if value is None:
        return Reason(code, name, field.unknown_reason, {})
    params = {"value": _plain(value)}
    if name == "loan_amnt":
        share = applicant[SHARE_FIELD]
        assert isinstance(share, float)
        params["share"] = _percent(share)
    return Reason(code, name, field.reason, params)


def _percent(share: float) -> int | float:
    """Return a whole percentage, or one decimal below 10%, so that 0.4% does not become 0%."""
    return round(share * 100) if share >= 0.1 else round(share * 100, 1)


def _plain(value: int | float | str) -> int | float | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value
