"""The eleven facts of a loan application, declared once.

Form, API, CSV files, training and what-if are all built from `FIELDS`. Texts are English message
ids; whoever shows them to a person translates them with gettext and fills in `params`.

An applicant is a plain ``dict`` with all eleven names as keys, in the order of `FIELDS`:
``int`` for integer fields, ``float`` for numbers, ``str`` for choices and ``None`` where a nullable
number is unknown. `loan_percent_income` is always the exact ``loan_amnt / person_income``.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = int | float | str | None
Applicant: TypeAlias = dict[str, Value]
Group: TypeAlias = Literal["person", "loan", "bureau"]


def gettext_noop(message: str) -> str:
    """Mark a text for the message catalogue without depending on Django."""
    return message


_ = gettext_noop

SHARE_FIELD = "loan_percent_income"


@dataclass(frozen=True, kw_only=True)
class NumberField:
    """A number with inclusive bounds; values outside the training range are accepted with a warning."""

    name: str
    group: Group
    label: str
    help: str
    unit: str
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


@dataclass(frozen=True, kw_only=True)
class ChoiceField:
    """One value out of a fixed set of (value, label) pairs."""

    name: str
    group: Group
    label: str
    help: str
    choices: tuple[tuple[str, str], ...]
    example: str
    actionable: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _label in self.choices)


Field: TypeAlias = NumberField | ChoiceField

FIELDS: tuple[Field, ...] = (
    NumberField(
        name="person_age",
        group="person",
        label=_("Age"),
        help=_("Full years of the person who applies."),
        unit=_("years"),
        integer=True,
        minimum=18,
        maximum=100,
        trained_from=20,
        trained_to=80,
        example=32,
    ),
    NumberField(
        name="person_income",
        group="person",
        label=_("Yearly income"),
        help=_("Before tax, all sources together."),
        unit=_("USD a year"),
        integer=True,
        minimum=1,
        maximum=100_000_000,
        trained_from=4_000,
        trained_to=500_000,
        example=68_000,
        actionable=True,
    ),
    ChoiceField(
        name="person_home_ownership",
        group="person",
        label=_("Housing"),
        help=_("How the person lives now."),
        choices=(
            ("RENT", _("Rents")),
            ("OWN", _("Owns")),
            ("MORTGAGE", _("Pays a mortgage")),
            ("OTHER", _("Other")),
        ),
        example="MORTGAGE",
        actionable=True,
    ),
    NumberField(
        name="person_emp_length",
        group="person",
        label=_("Time in employment"),
        help=_("Years with the present employer. Leave empty if unknown."),
        unit=_("years"),
        integer=False,
        minimum=0,
        maximum=80,
        trained_from=0,
        trained_to=40,
        example=6,
        nullable=True,
        actionable=True,
        not_over_age=True,
    ),
    ChoiceField(
        name="loan_intent",
        group="loan",
        label=_("Purpose"),
        help=_("What the loan is for."),
        choices=(
            ("PERSONAL", _("Personal")),
            ("EDUCATION", _("Education")),
            ("MEDICAL", _("Medical care")),
            ("VENTURE", _("Business venture")),
            ("HOMEIMPROVEMENT", _("Home improvement")),
            ("DEBTCONSOLIDATION", _("Debt consolidation")),
        ),
        example="EDUCATION",
        actionable=True,
    ),
    ChoiceField(
        name="loan_grade",
        group="loan",
        label=_("Loan grade"),
        help=_("The lender's own grade of the loan, A is the best."),
        choices=tuple((grade, grade) for grade in "ABCDEFG"),
        example="B",
        actionable=True,
    ),
    NumberField(
        name="loan_amnt",
        group="loan",
        label=_("Loan amount"),
        help=_("The sum that is asked for."),
        unit=_("USD"),
        integer=True,
        minimum=1,
        maximum=10_000_000,
        trained_from=500,
        trained_to=35_000,
        example=9_000,
        actionable=True,
    ),
    NumberField(
        name="loan_int_rate",
        group="loan",
        label=_("Interest rate"),
        help=_("The rate that the lender offers. Leave empty if unknown."),
        unit=_("% a year"),
        integer=False,
        minimum=0,
        maximum=100,
        trained_from=5.42,
        trained_to=23.22,
        example=10.5,
        nullable=True,
        actionable=True,
    ),
    NumberField(
        name=SHARE_FIELD,
        group="loan",
        label=_("Share of income"),
        help=_("Loan amount divided by yearly income; it is worked out for you."),
        unit=_("fraction"),
        integer=False,
        minimum=0,
        maximum=10,
        trained_from=0,
        trained_to=0.83,
        example=0.13,
        derived=True,
    ),
    ChoiceField(
        name="cb_person_default_on_file",
        group="bureau",
        label=_("Default on file"),
        help=_("Does the credit bureau know of an earlier default?"),
        choices=(("N", _("No")), ("Y", _("Yes"))),
        example="N",
    ),
    NumberField(
        name="cb_person_cred_hist_length",
        group="bureau",
        label=_("Length of credit history"),
        help=_("Years since the first credit that the bureau knows of."),
        unit=_("years"),
        integer=True,
        minimum=0,
        maximum=80,
        trained_from=2,
        trained_to=30,
        example=8,
        not_over_age=True,
    ),
)

FIELDS_BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
FIELD_NAMES: tuple[str, ...] = tuple(FIELDS_BY_NAME)
# A likely applicant as somebody would send it: the share is left to be worked out.
EXAMPLE: Applicant = {field.name: field.example for field in FIELDS if field.name != SHARE_FIELD}


def out_of_training_range(applicant: Applicant) -> list[NumberField]:
    """The fields whose value lies outside the range that the models have seen."""
    return [
        field
        for field in FIELDS
        if isinstance(field, NumberField)
        and isinstance(value := applicant[field.name], int | float)
        and not field.trained_from <= value <= field.trained_to
    ]
