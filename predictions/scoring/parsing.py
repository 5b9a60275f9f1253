"""Turns the input of programs and people into an applicant. All rules for input are here.

Texts are English message ids. The code that shows them translates them and fills in `params`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from number_input import SPACES, AmbiguousNumber, Kind, money_units, read_number
from predictions.scoring.schema import (
    FIELDS,
    FIELDS_BY_NAME,
    SHARE_FIELD,
    Applicant,
    ChoiceField,
    Field,
    NumberField,
    Value,
    gettext_noop,
)

_ = gettext_noop

# The public data set rounds the share to two decimals, so a given share may differ by that much.
SHARE_TOLERANCE = Fraction(1, 100)
# Floats are enough to see a difference this small.
CLEARLY_WITHIN = 0.009
# Of the share that an error suggests: more than the tolerance needs, so that small shares are not 0.
SHARE_DECIMALS = 4
# What files have in place of an unknown value, in any case.
UNKNOWN_WORDS = frozenset({"na", "n/a", "#n/a", "nan", "null", "none", "-"})
# Limits for the unknown field names that errors repeat: their number and their length.
MAX_UNKNOWN_NAMES = 20
MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class FieldProblem:
    """The error of one field: a stable `code` and an English message id with its `params`."""

    field: str
    code: str
    message: str
    params: Mapping[str, int | float | str]


class InvalidApplicant(ValueError):
    """The input is not a valid applicant. `problems` has one entry for each bad field."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = tuple(problems)


class Ambiguous(str):
    """A text that means different numbers in different countries, such as 1.500."""


class _Bad(Exception):
    def __init__(self, code: str, message: str, **params: float | str) -> None:
        self.code, self.message, self.params = code, message, params


def parse_applicant(raw: Mapping[str, object]) -> Applicant:
    """Check typed input, such as JSON, and return the complete applicant.

    Every field is required except `loan_percent_income`, which is computed; if given, it must match amount
    and income. Raises `InvalidApplicant` with every bad field.
    """
    unknown = [name for name in raw if name not in FIELDS_BY_NAME]
    problems = [
        FieldProblem(_printable(name), "unknown_field", _("Unknown field."), {})
        for name in unknown[:MAX_UNKNOWN_NAMES]
    ]
    applicant: Applicant = {}
    for field in FIELDS:
        try:
            applicant[field.name] = _check(field, raw[field.name]) if field.name in raw else _default(field)
        except _Bad as bad:
            problems.append(FieldProblem(field.name, bad.code, bad.message, bad.params))
    bad_names = {problem.field for problem in problems}
    problems += _contradictions(applicant, bad_names)
    if problems:
        raise InvalidApplicant(problems)
    return applicant


def _printable(name: str) -> str:
    """Return an unknown field name, shortened and in ASCII, so that it is safe to repeat in an error."""
    return name[:MAX_NAME_LENGTH].encode("ascii", "backslashreplace").decode()


def parse_text(raw: Mapping[str, str], decimal: str | None = None) -> Applicant:
    """Check typed text, such as form fields, and return the complete applicant.

    Accepts surrounding spaces, lower-case choices and numbers as `number_input` reads them, with the unit of
    the field; `decimal` is the decimal separator of the reader's language. An empty text is an unknown value.
    Raises `InvalidApplicant`.
    """
    return parse_applicant({name: _from_text(name, text, decimal) for name, text in raw.items()})


def parse_cells(raw: Mapping[str, str]) -> Applicant:
    """Check the cells of a file, whose language is unknown, and return the complete applicant.

    Like `parse_text`, and `UNKNOWN_WORDS` are unknown values in nullable fields. Raises `InvalidApplicant`.
    """
    return parse_text({name: "" if _is_unknown(name, text) else text for name, text in raw.items()})


def parse_cell(field: Field, text: str) -> Value:
    """Return the value of one cell, as far as it is right by itself. Raises `InvalidApplicant`."""
    try:
        return _check(field, _from_text(field.name, "" if _is_unknown(field.name, text) else text, None))
    except _Bad as bad:
        raise InvalidApplicant([FieldProblem(field.name, bad.code, bad.message, bad.params)]) from None


def _is_unknown(name: str, text: str) -> bool:
    field = FIELDS_BY_NAME.get(name)
    nullable = isinstance(field, NumberField) and field.nullable
    return nullable and text.strip(SPACES).casefold() in UNKNOWN_WORDS


def read_text(raw: Mapping[str, str], decimal: str) -> Applicant:
    """Return the values of typed text that are valid by themselves, None for others. Computes the share.

    `decimal` as in `parse_text`.
    """
    applicant: Applicant = {}
    for field in FIELDS:
        try:
            applicant[field.name] = _check(field, _from_text(field.name, raw.get(field.name, ""), decimal))
        except _Bad:
            applicant[field.name] = None
    amount, income = applicant["loan_amnt"], applicant["person_income"]
    both = isinstance(amount, int) and isinstance(income, int)
    applicant[SHARE_FIELD] = amount / income if both else None  # type: ignore[operator]
    return applicant


def _default(field: Field) -> Value:
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
    if isinstance(value, Ambiguous):
        raise _Bad("ambiguous_number", _("Enter a whole number without separators, for example 9000."))
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
        # Adding zero turns -0.0 into 0.0.
        return float(value) + 0.0
    if value != int(value):
        raise _Bad("not_an_integer", _("Enter a whole number."))
    return int(value)


def _contradictions(applicant: Applicant, bad_names: set[str]) -> list[FieldProblem]:
    """Return the problems between fields, and set the exact share. Bad fields are not in `applicant`."""
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
            message = _("This cannot be greater than the age (%(age)s).")
            problems.append(FieldProblem(field.name, "exceeds_age", message, {"age": age}))
    amount, income = applicant.get("loan_amnt"), applicant.get("person_income")
    if isinstance(amount, int) and isinstance(income, int) and SHARE_FIELD not in bad_names:
        problems += _share_problems(applicant.get(SHARE_FIELD), amount, income)
        applicant[SHARE_FIELD] = amount / income
    return problems


def _share_problems(given: Value, amount: int, income: int) -> list[FieldProblem]:
    field = FIELDS_BY_NAME[SHARE_FIELD]
    assert isinstance(field, NumberField)
    share = amount / income
    if share > field.maximum:
        message = _("The loan cannot be more than %(maximum)s times the yearly income.")
        return [FieldProblem(SHARE_FIELD, "out_of_bounds", message, {"maximum": field.maximum})]
    if not isinstance(given, int | float) or _agrees(given, amount, income):
        return []
    params: dict[str, int | float | str] = {"share": round(share, SHARE_DECIMALS), "given": given}
    message = _(
        "This does not match the amount and income, which give %(share)s. Enter that, or leave this out: "
        "it is calculated."
    )
    if fitting := _fitting_income(given, amount):
        params["income"] = fitting
        message = _(
            "This does not match the amount and income, which give %(share)s. Enter that, or an income of "
            "%(income)s, which gives %(given)s, or leave this out: it is calculated."
        )
    return [FieldProblem(SHARE_FIELD, "contradiction", message, params)]


def _agrees(given: float, amount: int, income: int) -> bool:
    """Whether the share is within the tolerance, in exact arithmetic near its edge, where floats are off."""
    if abs(given - amount / income) < CLEARLY_WITHIN:
        return True
    return abs(Fraction(str(given)) - Fraction(amount, income)) <= SHARE_TOLERANCE


def _fitting_income(given: float, amount: int) -> int | None:
    """Return the whole income that makes `given` right; None if no allowed income does."""
    field = FIELDS_BY_NAME["person_income"]
    assert isinstance(field, NumberField)
    exact = amount / given if given else math.inf
    if not field.minimum <= exact <= field.maximum:
        return None
    return income if _agrees(given, amount, income := round(exact)) else None


def _from_text(name: str, text: str, decimal: str | None) -> object:
    """Return the typed value of a text, or the text itself if it has none, which `_check` refuses."""
    text = text.strip(SPACES)
    if not text:
        return None
    field = FIELDS_BY_NAME.get(name)
    if isinstance(field, ChoiceField):
        # Some other letters, such as a dotless i, have an ASCII letter as their upper case.
        return text.upper() if text.isascii() else text
    if field is None:
        return text
    kind = Kind.WHOLE if field.integer else Kind.DECIMAL
    try:
        number = read_number(text, kind, decimal, units_of(field))
    except AmbiguousNumber:
        return Ambiguous(text)
    if number is None:
        return text
    return int(number) if field.integer and number == int(number) else float(number)


def units_of(field: NumberField) -> tuple[str, ...]:
    """Return what may stand before or after the number of the field."""
    unit = field.unit.split()[0] if field.unit else ""
    return money_units(unit) if unit == "USD" else ("%",) if unit == "%" else ()
