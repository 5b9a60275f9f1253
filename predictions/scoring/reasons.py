"""Reason codes: what cost an applicant the most approval, said with the applicant's own facts.

Codes and texts are those of the fields in `schema`. A code never changes its meaning; its text is an
English message id with `params`. Numbers in `params` are plain numbers, so that whoever shows them can
write them as the reader's language does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, SHARE_FIELD, Applicant, ChoiceField

MAX_REASONS = 4
MIN_COST = 0.01  # Below a point of probability nothing is worth telling.


@dataclass(frozen=True)
class Reason:
    """Why approval is lower: `text` % `params` is a sentence."""

    code: str
    field: str
    text: str
    params: Mapping[str, int | float | str]


CODES = {field.name: field.reason_code for field in FIELDS if field.reason_code}


def reasons(applicant: Applicant, contributions: Mapping[str, float]) -> tuple[Reason, ...]:
    """At most `MAX_REASONS`, the costliest first; empty when nothing lowers the approval noticeably.

    `contributions` gives the Shapley value of each free field, in probability of approval.
    """
    costly = sorted(
        (field for field, value in contributions.items() if value <= -MIN_COST),
        key=lambda field: contributions[field],
    )
    return tuple(_reason(applicant, field) for field in costly[:MAX_REASONS])


def _reason(applicant: Applicant, name: str) -> Reason:
    field, value = FIELDS_BY_NAME[name], applicant[name]
    if isinstance(field, ChoiceField):
        return Reason(field.reason_code, name, field.reason_of(str(value)), {"value": str(value)})
    if value is None:
        return Reason(field.unknown_code, name, field.unknown_reason, {})
    params = {"value": _plain(value)}
    if name == "loan_amnt":
        share = applicant[SHARE_FIELD]
        assert isinstance(share, float)
        params["share"] = _percent(share)
    return Reason(field.reason_code, name, field.reason, params)


def _percent(share: float) -> int | float:
    """Whole percents; below ten percent one decimal, so that 0.4 % does not read 0 %."""
    return round(share * 100) if share >= 0.1 else round(share * 100, 1)


def _plain(value: int | float | str) -> int | float | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value
