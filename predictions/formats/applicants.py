"""Texts about an applicant: values, input hints, errors, reasons, warnings."""

import json

from django.utils.translation import gettext, ngettext

from predictions.formats.numbers import localized, number, plain_percent, whole_percent, with_percent_sign
from predictions.scoring.parsing import FieldProblem
from predictions.scoring.reasons import Reason
from predictions.scoring.schema import (
    EXAMPLE,
    SHARE_FIELD,
    Applicant,
    ChoiceField,
    Field,
    NumberField,
    Value,
    out_of_training_range,
)


def in_words(field: Field, value: Value) -> str:
    """``32 years``, ``Pays a mortgage``, ``13.2%`` or ``unknown``."""
    if value is None:
        return gettext("unknown")
    if isinstance(field, ChoiceField):
        return gettext(field.label_of(str(value)))
    if field.name == SHARE_FIELD:
        return plain_percent(float(value))
    return _with_unit(field, float(value))


def unit(field: Field) -> str:
    """Return the unit shown after the input; "" for choices and derived fields."""
    return gettext(field.unit) if isinstance(field, NumberField) and not field.derived else ""


def problem_text(problem: FieldProblem) -> str:
    return gettext(problem.message) % localized(problem.params)


def reason_text(reason: Reason) -> str:
    return gettext(reason.text) % localized(reason.params)


def range_warnings(applicant: Applicant) -> list[dict[str, str]]:
    """`{field, code, detail}` for each value outside the training range."""
    return [
        {"field": field.name, "code": "outside_training_range", "detail": range_text(field)}
        for field in out_of_training_range(applicant)
    ]


def range_text(field: Field) -> str:
    """Return the warning about a value of `field` outside the training range; "" for choices."""
    if not isinstance(field, NumberField):
        return ""
    text = gettext("%(label)s: the models were trained on %(low)s–%(high)s.")
    return text % {"label": gettext(field.label), **_trained_range(field)}


def example_json(indent: int) -> str:
    """Return the example as JSON that is also valid Python; lines after the first are indented."""
    return json.dumps(EXAMPLE, indent=4).replace("\n", "\n" + " " * indent)


def _trained_range(field: NumberField) -> dict[str, str]:
    if field.name == SHARE_FIELD:
        return {"low": whole_percent(field.trained_from), "high": whole_percent(field.trained_to)}
    return localized({"low": field.trained_from, "high": field.trained_to})


def _with_unit(field: NumberField, value: float) -> str:
    shown = number(value)
    if field.unit == "years":
        # Russian uses the plural form of 2 for fractions: 6,5 года.
        count = int(value) if value == int(value) else 2
        return ngettext("%(number)s year", "%(number)s years", count) % {"number": shown}
    unit_text = gettext(field.unit)
    if unit_text.startswith("%"):
        return f"{with_percent_sign(shown)}{unit_text.removeprefix('%')}"
    return f"{shown}\u00a0{unit_text}"
