"""Forms of a result: what-if, and the loan reduction that reaches a goal."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms import PercentField
from billing.money import decimal_separator
from number_input import AmbiguousNumber, Kind, read_number
from predictions.scoring.parsing import InvalidApplicant, parse_text, units_of
from predictions.scoring.schema import (
    FIELDS,
    FIELDS_BY_NAME,
    SHARE_FIELD,
    Applicant,
    Field,
    NumberField,
    Value,
)
from predictions.site.forms.applicant import FactsForm, as_text, form_field

SLIDER_STEPS = {"loan_amnt": 100, "person_income": 500, "loan_int_rate": 0.1, "person_emp_length": 1}
# Sliders first, then choices.
CHANGEABLE = (
    *SLIDER_STEPS,
    *(field.name for field in FIELDS if field.actionable and not isinstance(field, NumberField)),
)
# Sliders of money end at this multiple of the applicant's value: the whole range would be too coarse.
MAX_MULTIPLE = 3
LIKELIER_THAN_NOT = 0.5


@dataclass(frozen=True)
class Slider:
    low: str
    high: str
    step: str
    value: str


class WhatIfForm(FactsForm):
    """The actionable fields, filled with the ordered values; `changes` has the fields that were edited."""

    names: ClassVar[tuple[str, ...]] = CHANGEABLE
    ids: ClassVar[str] = "what_if"

    def __init__(
        self,
        facts: Applicant,
        data: Mapping[str, Any] | None = None,
        draft: Mapping[str, str] | None = None,
    ) -> None:
        self.facts = facts
        self.actionable: list[Field] = [FIELDS_BY_NAME[name] for name in self.names]
        own = {field.name: as_text(facts[field.name]) for field in self.actionable}
        # Fields that were not sent keep their values.
        complete = None if data is None else {name: str(data.get(name, text)) for name, text in own.items()}
        super().__init__(complete, initial=own | dict(draft or {}), auto_id=f"{self.ids}_%s")
        for field in self.actionable:
            self.fields[field.name] = self._input(field)

    def clean(self) -> dict[str, Any]:
        own = {name: as_text(value) for name, value in self.facts.items() if name != SHARE_FIELD}
        # The page may have been loaded in another language, with another decimal separator.
        edited = {
            name: self.data[name] for name in self.fields if _plain(self.data[name]) != _plain(own[name])
        }
        try:
            changed = parse_text(own | edited, decimal_separator())
        except InvalidApplicant as invalid:
            self.add_problems(invalid)
        else:
            self.changes: dict[str, Value] = {name: changed[name] for name in edited}
        return self.cleaned_data

    @property
    def inputs(self) -> list[tuple[forms.BoundField, Field, Slider | None]]:
        return [(self[field.name], field, self._slider(field)) for field in self.actionable]

    def _input(self, field: Field) -> forms.Field:
        bound = form_field(field, compact=True)
        bound.help_text = ""
        bound.widget.attrs["aria-describedby"] = f"{self.ids}_{field.name}_error"
        if isinstance(bound.widget, forms.Select):
            bound.widget.choices = list(bound.widget.choices)[1:]
        return bound

    def _slider(self, field: Field) -> Slider | None:
        if not isinstance(field, NumberField):
            return None
        own, low, high = self.facts[field.name], field.trained_from, field.trained_to
        if isinstance(own, int | float):
            reach = MAX_MULTIPLE * own if field.name in ("loan_amnt", "person_income") else high
            low, high = min(low, own), max(own, min(high, reach), 2 * low)
        age = self.facts["person_age"]
        if field.not_over_age and isinstance(age, int):
            high = min(high, age)
        return Slider(f"{low:g}", f"{high:.10g}", f"{SLIDER_STEPS[field.name]:g}", self._slider_value(field))

    def _slider_value(self, field: NumberField) -> str:
        """Return the number in the field's input, with a decimal point; "" if it is not a number."""
        kind = Kind.WHOLE if field.integer else Kind.DECIMAL
        text = str(self[field.name].value())
        try:
            number = read_number(text, kind, decimal_separator(), units_of(field))
        except AmbiguousNumber:
            return ""
        return "" if number is None else f"{number:f}"


class TrialForm(WhatIfForm):
    """What a visitor may change of the example on the home page."""

    names = ("loan_amnt", "person_income", "loan_int_rate", "loan_grade")
    ids = "trial"


def _plain(text: str) -> str:
    return text.replace(",", ".")


class LoanReductionForm(forms.Form):
    goal = PercentField(
        label=_("Target probability, %"),
        min_value=1,
        max_value=100,
        error_messages={
            "required": _("Enter a number."),
            "invalid": _("Enter a number."),
            "min_value": _("Enter a number from 1 to 100."),
            "max_value": _("Enter a number from 1 to 100."),
        },
    )

    @staticmethod
    def first_goal(probability: float, approve_from: float | None = None) -> int:
        """Return the percentage to aim for: what the customer approves from, or more likely than not.

        Above these, the next multiple of five percent, at most 99.
        """
        aims = [aim for aim in (approve_from, LIKELIER_THAN_NOT) if aim is not None and aim > probability]
        if aims:
            return min(99, math.ceil(round(aims[0] * 100, 6)))
        return min(99, (math.floor(probability * 20) + 1) * 5)
