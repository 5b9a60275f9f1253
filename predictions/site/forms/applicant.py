"""Inputs that order forms share: the facts, built from the schema, and the customer's label."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.forms import OUTDATED_FORM_ERRORS
from billing.money import decimal_separator
from billing.services import new_request_key
from number_input import MAX_LENGTH, AmbiguousNumber, Kind, read_number
from predictions.formats.applicants import problem_text, range_warnings
from predictions.models import MAX_LABEL_LENGTH
from predictions.orders.labels import validated_label
from predictions.scoring.parsing import InvalidApplicant, parse_text, read_text, units_of
from predictions.scoring.schema import (
    FIELDS,
    FIELDS_BY_NAME,
    SHARE_FIELD,
    Applicant,
    Field,
    NumberField,
    Value,
)

GROUPS = (
    ("person", _("Applicant")),
    ("loan", _("Loan")),
    ("bureau", _("Credit history")),
)
# The fields that a person fills in; the others are computed.
TYPED = tuple(field.name for field in FIELDS if not (isinstance(field, NumberField) and field.derived))


# More choices than these are a list.
MAX_RADIOS = 4


class NumberBoundField(forms.BoundField):
    """The input of a number, which is also described by the warning about its training range."""

    @property
    def aria_describedby(self) -> str | None:
        """None if the widget has its own description."""
        others = super().aria_describedby
        return None if others is None else f"{self.auto_id}_caution {others}".rstrip()


class NumberInputField(forms.CharField):
    bound_field_class = NumberBoundField


class GroupedBoundField(NumberBoundField):
    """The input of a whole amount of money, which shows its thousands in groups."""

    def value(self) -> Any:
        return grouped(str(super().value() or ""))


class GroupedInputField(NumberInputField):
    bound_field_class = GroupedBoundField


def form_field(field: Field, *, compact: bool = False) -> forms.Field:
    """Return the input for a field. It accepts any text, because `scoring.parsing` validates it.

    `compact` inputs, beside a result, have their choices in a list, and as many digits as their slider.
    """
    if isinstance(field, NumberField):
        attrs = {
            "inputmode": "numeric" if field.integer else "decimal",
            "enterkeyhint": "next",
            "autocomplete": "off",
            "maxlength": str(MAX_LENGTH),
            "data-low": f"{field.trained_from:.10g}",
            "data-high": f"{field.trained_to:.10g}",
            "data-units": " ".join(units_of(field)),
        }
        if not compact and is_money(field):
            return _field(field, forms.TextInput(attrs=attrs | {"data-grouped": ""}), GroupedInputField)
        return _field(field, forms.TextInput(attrs=attrs), NumberInputField)
    choices = [(choice.value, gettext_lazy(choice.label)) for choice in field.choices]
    if not compact and len(choices) <= MAX_RADIOS:
        return _field(field, forms.RadioSelect(choices=choices))
    return _field(field, forms.Select(choices=[("", gettext_lazy("Choose…")), *choices]))


def is_money(field: Field) -> bool:
    """Whether the field is a whole amount of money."""
    return isinstance(field, NumberField) and field.integer and bool(units_of(field))


def grouped(text: str) -> str:
    """Return a whole number with its thousands in groups, as the reader writes it; other texts unchanged."""
    try:
        number = read_number(text, Kind.WHOLE, decimal_separator())
    except AmbiguousNumber:
        return text
    if number is None or number != int(number):
        return text
    shown = number_format(int(number), force_grouping=True)
    # A longer text would no longer be read as a number.
    return shown if len(shown) <= MAX_LENGTH else text


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
    """Return initial values; derived fields have no inputs."""
    return {name: as_text(applicant[name]) for name in TYPED}


class LabelField(forms.CharField):
    """Takes any text; `orders.labels` validates it."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Your label"),
            help_text=_("Optional. Only you see it."),
            required=False,
            strip=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": str(MAX_LABEL_LENGTH)}),
        )
        self.validators.clear()

    def clean(self, value: Any) -> str:
        return validated_label(super().clean(value))


class LabelForm(forms.Form):
    label = LabelField()


class FactsForm(forms.Form):
    """A form with inputs for facts of an application."""

    def add_problems(self, invalid: InvalidApplicant) -> None:
        """Say beside each bad field what is wrong with it; of a computed one, beside the amount."""
        for problem in invalid.problems:
            name = problem.field if problem.field in self.fields else "loan_amnt"
            self.add_error(name, problem_text(problem))


class ApplicantForm(FactsForm):
    """The facts, the customer's own label, and a hidden key that guards against a second charge."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, error_messages=OUTDATED_FORM_ERRORS)
    applicant: Applicant

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TYPED:
            self.fields[name] = form_field(FIELDS_BY_NAME[name])
        self.fields["label"] = LabelField()

    def clean(self) -> dict[str, Any]:
        if "request_key" in self.errors:
            self.renew_key()
        raw = {name: str(self.data.get(name, "")) for name in TYPED}
        try:
            self.applicant = parse_text(raw, decimal_separator())
        except InvalidApplicant as invalid:
            self.add_problems(invalid)
        else:
            self._ungroup()
        return self.cleaned_data

    def _ungroup(self) -> None:
        """Write the amounts without groups: what is stored may be read in another language."""
        amounts = {field.name: str(self.applicant[field.name]) for field in FIELDS if is_money(field)}
        self.data = dict(self.data.items()) | amounts

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
    def shown_price(self) -> int | None:
        """The current price of what the inputs would order, in minor units; None if it is not known yet."""
        raise NotImplementedError

    @property
    def readable(self) -> Applicant:
        """The values in the inputs, None for those that cannot be read, and the share that they give."""
        return read_text({name: str(self[name].value() or "") for name in TYPED}, decimal_separator())

    @property
    def share(self) -> Value:
        return self.readable[SHARE_FIELD]

    @property
    def cautions(self) -> list[dict[str, str]]:
        """`range_warnings` of the values in the inputs, without those that have an error."""
        wrong = {*self.errors, *([SHARE_FIELD] if "loan_amnt" in self.errors else [])}
        return [warning for warning in range_warnings(self.readable) if warning["field"] not in wrong]

    @property
    def groups(self) -> list[tuple[str, str, list[tuple[forms.BoundField | None, Field, str]]]]:
        """`(key, title, [(input, field, caution)])` in the order of the page; most cautions are "".

        A computed field has no input.
        """
        cautions = {warning["field"]: warning["detail"] for warning in self.cautions}
        return [
            (
                key,
                str(title),
                [
                    (
                        self[field.name] if field.name in self.fields else None,
                        field,
                        cautions.get(field.name, ""),
                    )
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
