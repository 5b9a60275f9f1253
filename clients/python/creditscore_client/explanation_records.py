"""What moved a probability, and what another application would get."""

from dataclasses import dataclass
from typing import Self, cast

from creditscore_client.records import Applicant, Body


@dataclass(frozen=True)
class Contribution:
    field: str
    value: int | float | str | None
    contribution: float


@dataclass(frozen=True)
class Reason:
    code: str
    field: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """`base` and all contributions add up to `approval_probability`."""

    base: float
    approval_probability: float
    contributions: list[Contribution]
    reasons: list[Reason]

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            base=body["base"],
            approval_probability=body["approval_probability"],
            contributions=[
                Contribution(one["field"], one["value"], one["contribution"]) for one in body["contributions"]
            ],
            reasons=[Reason(one["code"], one["field"], one["text"]) for one in body["reasons"]],
        )


@dataclass(frozen=True)
class LoanReduction:
    """The loan `amount` that reaches a goal, and by how much it is less."""

    amount: int
    reduction: int
    approval_probability: float


@dataclass(frozen=True)
class WhatIf:
    """`certain`: fields that never lower the probability when they alone get better.

    `reduction` is None if there was no goal, or none reaches it.
    """

    applicant: Applicant
    approval_probability: float
    default_probability: float
    certain: tuple[str, ...]
    reduction: LoanReduction | None

    @classmethod
    def of(cls, body: Body) -> Self:
        cut = body.get("cut")
        return cls(
            applicant=cast("Applicant", body["applicant"]),
            approval_probability=body["approval_probability"],
            default_probability=body["default_probability"],
            certain=tuple(body.get("certain", ())),
            reduction=LoanReduction(cut["amount"], cut["cut"], cut["approval_probability"]) if cut else None,
        )
