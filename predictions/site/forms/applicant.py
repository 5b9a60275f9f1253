"""Inputs that order forms share: the facts, built from the schema, and the customer's label."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.forms import OUTDATED_FORM_ERRORS
from billing.money import decimal_separator
from billing.services import new_request_key
from predictions.formats.applicants import problem_text, range_warnings
from predictions.models import MAX_LABEL_LENGTH
from predictions.orders.labels import validated_label
from predictions.scoring.parsing import InvalidApplicant, parse_text, read_text, units_of
from predictions.scoring.schema import FIELDS, Applicant, Field, NumberField, Value

GROUPS = (
    ("person", _("Applicant")),
    ("loan", _("Loan")),
    ("bureau", _("Credit history")),
)
# The fields that a person fills in; the others are computed.
TYPED = tuple(field.name for field in FIELDS if not (isinstance(field, NumberField) and field.derived))


class NumberBoundField(forms.BoundField):
    """The input of a number, which is also described by the warning about its training range."""

    @property
    def aria_describedby(self) -> str | None:
        """None if the widget has its own description."""
        others = super().aria_describedby
        return f"{self.auto_id}_caution {others}" if others else None


class NumberInputField(forms.CharField):
    bound_field_class = NumberBoundField


def form_field(field: Field) -> forms.Field:
    """Return the input for a field. It accepts any text, because `scoring.parsing` validates it."""
    if isinstance(field, NumberField):
        attrs = {
            "inputmode": "numeric" if field.integer else "decimal",
            "autocomplete": "off",
            "maxlength": "40",
            "data-low": f"{field.trained_from:.10g}",
            "data-high": f"{field.trained_to:.10g}",
            "data-units": " ".join(units_of(field)),
        }
        if field.derived:
            attrs |= {"readonly": "readonly", "data-derived": field.name, "tabindex": "-1"}
        return _field(field, forms.TextInput(attrs=attrs), NumberInputField)
    choices = [
        ("", gettext_lazy("Choose…")),
        *((choice.value, gettext_lazy(choice.label)) for choice in field.choices),
    ]
    return _field(field, forms.Select(choices=choices))


def _field(
    field: Field, widget: forms.Widget, kind: type[forms.CharField] = forms.CharField
) -> forms.CharField:
    bound = kind(
        label=gettext_lazy(field.label),
        help_text=gettext_lazy(field.help),
        required=False,
        strip=False,
        widget=widget,
    )
    bound.validators.clear()
    return bound


def as_text(value: Value) -> str:
    """Return a stored value as a user would type it."""
    if isinstance(value, float):
        # Without an exponent or a negative zero, which old applicants may have.
        return f"{Decimal(repr(value + 0.0)).normalize():f}".replace(".", decimal_separator())
    return "" if value is None else str(value)


def as_initial(applicant: Applicant) -> dict[str, object]:
    """Return initial values without derived fields: their inputs are read-only and must be recomputed."""
    return {name: as_text(applicant[name]) for name in TYPED}


class LabelField(forms.CharField):
    """Takes any text; `orders.labels` validates it."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Your label"),
            help_text=_(
                "Optional. Helps you find the order later. Visible only to you, not used by the models."
            ),
            required=False,
            strip=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": str(MAX_LABEL_LENGTH)}),
        )
        self.validators.clear()

    def clean(self, value: Any) -> str:
        return validated_label(super().clean(value))


class LabelForm(forms.Form):
    label = LabelField()


class ApplicantForm(forms.Form):
    """The facts, the customer's own label, and a hidden key that guards against a second charge."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, error_messages=OUTDATED_FORM_ERRORS)
    applicant: Applicant
    # Minor units that are missing from the balance; set when the order is refused for it.
    shortfall = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in FIELDS:
            self.fields[field.name] = form_field(field)
        self.fields["label"] = LabelField()

    def clean(self) -> dict[str, Any]:
        if "request_key" in self.errors:
            self.renew_key()
        raw = {field.name: str(self.data.get(field.name, "")) for field in FIELDS}
        try:
            self.applicant = parse_text(raw, decimal_separator())
        except InvalidApplicant as invalid:
            self.add_problems(invalid)
        return self.cleaned_data

    def add_problems(self, invalid: InvalidApplicant) -> None:
        """Say beside each bad field what is wrong with it."""
        for problem in invalid.problems:
            self.add_error(problem.field, problem_text(problem))

    def renew_key(self, key: str = "") -> None:
        """Give the form the request key `key` or a new one, so that it can be sent again."""
        # `items`, because unpacking a QueryDict gives lists.
        self.data = dict(self.data.items()) | {"request_key": key or new_request_key()}

    @property
    def current_price(self) -> int | None:
        """The current price of what a valid form orders, in minor units; None if it cannot be ordered."""
        raise NotImplementedError

    @property
    def price_input(self) -> str:
        """The name of the hidden input with the price that the customer saw."""
        raise NotImplementedError

    @property
    def facts_of_order(self) -> list[object]:
        """What a valid form orders: the model, and all values that it uses."""
        raise NotImplementedError

    @property
    def cautions(self) -> list[dict[str, str]]:
        """`range_warnings` of the values in the inputs, without those that cannot be read."""
        texts = {name: str(self[name].value() or "") for name in TYPED}
        return [
            warning
            for warning in range_warnings(read_text(texts, decimal_separator()))
            if warning["field"] not in self.errors
        ]

    @property
    def groups(self) -> list[tuple[str, str, list[tuple[forms.BoundField, Field, str]]]]:
        """`(key, title, [(input, field, caution)])` in the order of the page; most cautions are ""."""
        cautions = {warning["field"]: warning["detail"] for warning in self.cautions}
        return [
            (
                key,
                str(title),
                [
                    (self[field.name], field, cautions.get(field.name, ""))
                    for field in FIELDS
                    if field.group == key
                ],
            )
            for key, title in GROUPS
        ]

    @property
    def facts(self) -> list[tuple[Field, Value, str]]:
        """`(field, value, caution)` of a valid form."""
        cautions = {warning["field"]: warning["detail"] for warning in range_warnings(self.applicant)}
        return [(field, self.applicant[field.name], cautions.get(field.name, "")) for field in FIELDS]
