"""The fields of a loan application.

Forms, the API, CSV files, training, reasons and what-if are all built from `FIELDS`, so bounds and choices
are changed only here. Texts are English message ids. The code that shows them translates them with gettext
and fills in `params`.

An applicant is a ``dict`` with all names as keys, in the order of `FIELDS`:
``int`` for integer fields, ``float`` for numbers, ``str`` for choices and ``None`` where a nullable
number is unknown. `loan_percent_income` is always the exact ``loan_amnt / person_income``.
"""

from predictions.scoring.fields import (
    Applicant,
    Choice,
    ChoiceField,
    Field,
    NumberField,
    Value,
    gettext_noop,
)

__all__ = [
    "DIRECTIONS",
    "EXAMPLE",
    "FIELDS",
    "FIELDS_BY_NAME",
    "FIELD_NAMES",
    "SHARE_FIELD",
    "Applicant",
    "Choice",
    "ChoiceField",
    "Field",
    "NumberField",
    "Value",
    "choice_field",
    "gettext_noop",
    "number_field",
    "out_of_training_range",
]

_ = gettext_noop

SHARE_FIELD = "loan_percent_income"

FIELDS: tuple[Field, ...] = (
    NumberField(
        name="person_age",
        group="person",
        label=_("Age"),
        unit=_("years"),
        reason=_("The applicant is %(value)s years old."),
        reason_code="AGE",
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
        help=_("Before tax, from all sources."),
        unit=_("USD per year"),
        reason=_("The yearly income is %(value)s USD."),
        reason_code="INCOME",
        integer=True,
        minimum=1,
        maximum=100_000_000,
        trained_from=4_000,
        trained_to=500_000,
        example=68_000,
        actionable=True,
        direction=1,
    ),
    ChoiceField(
        name="person_home_ownership",
        group="person",
        label=_("Housing"),
        reason_code="HOME",
        choices=(
            Choice("RENT", _("Rents"), _("The home is rented.")),
            Choice("OWN", _("Owns"), _("The home is owned.")),
            Choice("MORTGAGE", _("Pays a mortgage"), _("The home has a mortgage.")),
            Choice("OTHER", _("Other"), _("The home is not rented, owned or mortgaged.")),
        ),
        example="MORTGAGE",
        actionable=True,
    ),
    NumberField(
        name="person_emp_length",
        group="person",
        label=_("Years in current job"),
        help=_("Leave blank if unknown."),
        unit=_("years"),
        reason=_("Years in current job: %(value)s."),
        reason_code="EMPLOYMENT",
        unknown_reason=_("Years in current job are not given."),
        unknown_code="EMPLOYMENT_UNKNOWN",
        integer=False,
        minimum=0,
        maximum=80,
        trained_from=0,
        trained_to=40,
        example=6,
        nullable=True,
        actionable=True,
        not_over_age=True,
        direction=1,
    ),
    ChoiceField(
        name="loan_intent",
        group="loan",
        label=_("Purpose"),
        reason_code="PURPOSE",
        choices=(
            Choice("PERSONAL", _("Personal"), _("The loan is for personal use.")),
            Choice("EDUCATION", _("Education"), _("The loan is for education.")),
            Choice("MEDICAL", _("Medical care"), _("The loan is for medical care.")),
            Choice("VENTURE", _("Business venture"), _("The loan is for a business venture.")),
            Choice("HOMEIMPROVEMENT", _("Home improvement"), _("The loan is for home improvement.")),
            Choice("DEBTCONSOLIDATION", _("Debt consolidation"), _("The loan is for debt consolidation.")),
        ),
        example="EDUCATION",
        actionable=True,
    ),
    ChoiceField(
        name="loan_grade",
        group="loan",
        label=_("Loan grade"),
        help=_("Assigned by the lender. A is best."),
        reason=_("The loan grade is %(value)s (A is best, G is worst)."),
        reason_code="GRADE",
        choices=tuple(Choice(grade, grade) for grade in "ABCDEFG"),
        ordered=True,
        example="B",
        actionable=True,
    ),
    NumberField(
        name="loan_amnt",
        group="loan",
        label=_("Loan amount"),
        unit=_("USD"),
        reason=_("The loan of %(value)s USD is %(share)s%% of yearly income."),
        reason_code="LOAN_TO_INCOME",
        integer=True,
        minimum=1,
        maximum=10_000_000,
        trained_from=500,
        trained_to=35_000,
        example=9_000,
        actionable=True,
        direction=-1,
    ),
    NumberField(
        name="loan_int_rate",
        group="loan",
        label=_("Interest rate"),
        help=_("Leave blank if unknown."),
        unit=_("% per year"),
        reason=_("The interest rate is %(value)s%% per year."),
        reason_code="RATE",
        unknown_reason=_("The interest rate is not given."),
        unknown_code="RATE_UNKNOWN",
        integer=False,
        minimum=0,
        maximum=100,
        trained_from=5.42,
        trained_to=23.22,
        example=10.5,
        nullable=True,
        actionable=True,
        direction=-1,
    ),
    NumberField(
        name=SHARE_FIELD,
        group="loan",
        label=_("Loan to yearly income"),
        help=_("Calculated from amount and income."),
        unit=_("fraction"),
        integer=False,
        minimum=0,
        maximum=10,
        trained_from=0,
        trained_to=0.83,
        example=0.13,
        derived=True,
        direction=-1,
    ),
    ChoiceField(
        name="cb_person_default_on_file",
        group="bureau",
        label=_("Previous default"),
        reason_code="DEFAULT_ON_FILE",
        choices=(
            Choice("N", _("No"), _("The credit history shows no previous default.")),
            Choice("Y", _("Yes"), _("The credit history shows a previous default.")),
        ),
        ordered=True,
        example="N",
    ),
    NumberField(
        name="cb_person_cred_hist_length",
        group="bureau",
        label=_("Credit history, years"),
        help=_("Since the first loan."),
        unit=_("years"),
        reason=_("Credit history, years: %(value)s."),
        reason_code="CREDIT_HISTORY",
        integer=True,
        minimum=0,
        maximum=80,
        trained_from=2,
        trained_to=30,
        example=8,
        not_over_age=True,
        direction=1,
    ),
)

FIELDS_BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
FIELD_NAMES: tuple[str, ...] = tuple(FIELDS_BY_NAME)
# The fields of which more, or less, must never lower the approval. See `NumberField.direction`.
DIRECTIONS: dict[str, int] = {field.name: field.direction for field in FIELDS if field.direction}


def number_field(name: str) -> NumberField:
    """Return the field `name`. Raises `KeyError` if it does not exist, `TypeError` if it is a choice."""
    field = FIELDS_BY_NAME[name]
    if not isinstance(field, NumberField):
        raise TypeError(f"{name} is not a number")
    return field


def choice_field(name: str) -> ChoiceField:
    """Return the field `name`. Raises `KeyError` if it does not exist, `TypeError` if it is a number."""
    field = FIELDS_BY_NAME[name]
    if not isinstance(field, ChoiceField):
        raise TypeError(f"{name} is not a choice")
    return field


# A typical applicant as a client sends it, without the computed share.
EXAMPLE: Applicant = {field.name: field.example for field in FIELDS if field.name != SHARE_FIELD}


def out_of_training_range(applicant: Applicant) -> list[NumberField]:
    """Return the fields whose value is outside the range of the training data."""
    return [
        field
        for field in FIELDS
        if isinstance(field, NumberField)
        and isinstance(value := applicant[field.name], int | float)
        and not field.trained_from <= value <= field.trained_to
    ]
