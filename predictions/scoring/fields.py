"""The kinds of fields in the schema, and the types of their values."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = int | float | str | None
Applicant: TypeAlias = dict[str, Value]
Group: TypeAlias = Literal["person", "loan", "bureau"]


def gettext_noop(message: str) -> str:
    """Mark a text for the message catalog without depending on Django."""
    return message


@dataclass(frozen=True, kw_only=True)
class NumberField:
    """A number with inclusive bounds; values outside the training range are accepted with a warning.

    `reason` and `reason_code` are used when the value lowers the approval (see `scoring.reasons`),
    `unknown_reason` and `unknown_code` when the value is unknown. A derived field has no reasons.
    `direction` is 1 if a higher value must never lower the approval, -1 if it must never raise it.
    """

    name: str
    group: Group
    label: str
    help: str = ""
    unit: str
    reason: str = ""
    reason_code: str = ""
    unknown_reason: str = ""
    unknown_code: str = ""
    integer: bool
    minimum: int
    maximum: int
    trained_from: float
    trained_to: float
    example: int | float
    nullable: bool = False
    derived: bool = False
    actionable: bool = False
    not_over_age: bool = False
    direction: Literal[-1, 0, 1] = 0


@dataclass(frozen=True)
class Choice:
    """One value of a choice field. `reason` may be empty if the field has one reason for all values."""

    value: str
    label: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceField:
    """One value of a fixed set.

    `ordered`: the choices are listed from best to worst, models use their positions as numbers, and a
    better choice must never lower the approval.
    """

    name: str
    group: Group
    label: str
    help: str = ""
    choices: tuple[Choice, ...]
    example: str
    reason_code: str
    reason: str = ""
    ordered: bool = False
    actionable: bool = False

    @property
    def direction(self) -> Literal[-1, 0]:
        """As in `NumberField`, for the positions of the choices."""
        return -1 if self.ordered else 0

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)

    def label_of(self, value: str) -> str:
        """Return the label, or the value itself if an old applicant has one that is no longer offered."""
        return next((choice.label for choice in self.choices if choice.value == value), value)

    def reason_of(self, value: str) -> str:
        return next((choice.reason for choice in self.choices if choice.value == value), "") or self.reason


Field: TypeAlias = NumberField | ChoiceField
