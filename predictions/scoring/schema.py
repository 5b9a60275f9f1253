"""The eleven facts of a loan application, declared once.

Form, API, CSV files, training and what-if are all built from `FIELDS`. Texts are English message
ids; whoever shows them to a person translates them with gettext and fills in `params`.

An applicant is a plain ``dict`` with all eleven names as keys, in the order of `FIELDS`:
``int`` for integer fields, ``float`` for numbers, ``str`` for choices and ``None`` where a nullable
number is unknown. `loan_percent_income` is always the exact ``loan_amnt / person_income``.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = int | float | str | None
Applicant: TypeAlias = dict[str, Value]
Group: TypeAlias = Literal["person", "loan", "bureau"]


def gettext_noop(message: str) -> str:
    """Mark a text for the message catalogue without depending on Django."""
    return message


_ = gettext_noop

SHARE = "loan_percent_income"
# The public data set rounds the share to two places, so a given share may be off by that much.
SHARE_TOLERANCE = 0.01
# Of made-up field names so many are named, and so much of each.
MOST_UNKNOWN = 20
LONGEST_NAME = 60


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
        label=_("Home"),
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
        name=SHARE,
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


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field: a stable `code` and an English message id with its `params`."""

    field: str
    code: str
    message: str
    params: Mapping[str, int | float | str]


class InvalidApplicant(ValueError):
    """The input is not an applicant; `problems` has one entry for each bad field."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = tuple(problems)


class _Bad(Exception):
    def __init__(self, code: str, message: str, **params: float | str) -> None:
        self.code, self.message, self.params = code, message, params


def parse_applicant(raw: Mapping[str, object]) -> Applicant:
    """Check typed input (as from JSON) and complete it.

    Every name must be there except `loan_percent_income`, which is worked out; a share that is given
    must agree with amount and income. Raises `InvalidApplicant` that names every bad field.
    """
    unknown = [name for name in raw if name not in FIELDS_BY_NAME]
    problems = [
        FieldProblem(_printable(name), "unknown_field", _("There is no such field."), {})
        for name in unknown[:MOST_UNKNOWN]
    ]
    applicant: Applicant = {}
    for field in FIELDS:
        try:
            applicant[field.name] = _check(field, raw[field.name]) if field.name in raw else _absent(field)
        except _Bad as bad:
            problems.append(FieldProblem(field.name, bad.code, bad.message, bad.params))
    bad_names = {problem.field for problem in problems}
    problems += _contradictions(applicant, bad_names)
    if problems:
        raise InvalidApplicant(problems)
    return applicant


def _printable(name: str) -> str:
    """A name that somebody made up, fit to be sent back."""
    return name[:LONGEST_NAME].encode("ascii", "backslashreplace").decode()


def parse_text(raw: Mapping[str, str]) -> Applicant:
    """Check input that people typed (form fields, CSV cells).

    Surrounding blanks, thousands separators, a decimal comma and lower-case choices are understood;
    an empty text is an unknown value. Raises `InvalidApplicant`.
    """
    return parse_applicant({name: _from_text(name, text) for name, text in raw.items()})


def out_of_training_range(applicant: Applicant) -> list[NumberField]:
    """The fields whose value lies outside the range that the models have seen."""
    return [
        field
        for field in FIELDS
        if isinstance(field, NumberField)
        and isinstance(value := applicant[field.name], int | float)
        and not field.trained_from <= value <= field.trained_to
    ]


def _absent(field: Field) -> Value:
    if isinstance(field, NumberField) and field.derived:
        return None
    raise _Bad("required", _("This field is required."))


def _check(field: Field, value: object) -> Value:
    if isinstance(field, ChoiceField):
        return _choice(field, value)
    if value is None:
        if field.nullable or field.derived:
            return None
        raise _Bad("required", _("This field is required."))
    return _number(field, value)


def _choice(field: ChoiceField, value: object) -> str:
    if value is None:
        raise _Bad("required", _("This field is required."))
    if not isinstance(value, str) or value not in field.values:
        raise _Bad("invalid_choice", _("Choose one of: %(choices)s."), choices=", ".join(field.values))
    return value


def _number(field: NumberField, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Bad("not_a_number", _("Enter a number."))
    if isinstance(value, float) and not math.isfinite(value):
        raise _Bad("not_a_number", _("Enter a number."))
    if not field.minimum <= value <= field.maximum:
        raise _Bad(
            "out_of_bounds",
            _("Enter a number from %(minimum)s to %(maximum)s."),
            minimum=field.minimum,
            maximum=field.maximum,
        )
    if not field.integer:
        return float(value)
    if value != int(value):
        raise _Bad("not_an_integer", _("Enter a whole number."))
    return int(value)


def _contradictions(applicant: Applicant, bad_names: set[str]) -> list[FieldProblem]:
    """Rules between fields; fields that are bad on their own are left out. Sets the exact share."""
    problems = []
    age = applicant.get("person_age")
    for field in FIELDS:
        value = applicant.get(field.name)
        if (
            isinstance(field, NumberField)
            and field.not_over_age
            and isinstance(age, int)
            and isinstance(value, int | float)
            and value > age
        ):
            message = _("This cannot be more than the age (%(age)s).")
            problems.append(FieldProblem(field.name, "exceeds_age", message, {"age": age}))
    amount, income = applicant.get("loan_amnt"), applicant.get("person_income")
    if isinstance(amount, int) and isinstance(income, int) and SHARE not in bad_names:
        problems += _share_problems(applicant.get(SHARE), amount / income)
        applicant[SHARE] = amount / income
    return problems


def _share_problems(given: Value, share: float) -> list[FieldProblem]:
    field = FIELDS_BY_NAME[SHARE]
    assert isinstance(field, NumberField)
    if share > field.maximum:
        message = _("The loan is more than %(maximum)s yearly incomes.")
        return [FieldProblem(SHARE, "out_of_bounds", message, {"maximum": field.maximum})]
    if isinstance(given, int | float) and abs(given - share) > SHARE_TOLERANCE + 1e-9:
        message = _("This does not agree with amount and income, which give %(share)s.")
        return [FieldProblem(SHARE, "contradiction", message, {"share": round(share, 2)})]
    return []


_BLANKS = re.compile(r"[\s\u00a0\u202f']")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,4})?")


def _from_text(name: str, text: str) -> object:
    """The typed value that a person meant, or the text itself where it is none (it then fails `_check`)."""
    text = text.strip()
    if not text:
        return None
    field = FIELDS_BY_NAME.get(name)
    if isinstance(field, ChoiceField):
        return text.upper()
    compact = _BLANKS.sub("", text)
    if isinstance(field, NumberField) and field.integer and _GROUPED.fullmatch(compact):
        return int(compact.replace(",", ""))
    # Longer digit strings are far outside every bound, and int() refuses them from 4,300 digits on.
    if len(compact) > 40 or not _DECIMAL.fullmatch(compact):
        return text
    return float(compact.replace(",", "."))
