"""The top-up form, and a field for numbers as people type them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.money import (
    EXAMPLE,
    MAX_TOP_UP,
    MIN_TOP_UP,
    TOO_MANY_DECIMALS,
    decimal_separator,
    format_amount,
    to_decimal,
    to_minor,
    top_up_amount,
)
from billing.services import new_request_key
from number_input import SPACES, AmbiguousNumber, GroupedDecimals, Kind, money_units, read_number

MAX_LOW_BALANCE = Decimal(1_000_000_000)
# Without its request key a form cannot be told from a duplicate.
OUTDATED_FORM_ERRORS = {
    name: _("This form is out of date. Check it and send it again.") for name in ("required", "invalid")
}


class TypedDecimalField(forms.DecimalField):
    """A decimal number as people of the reader's language type it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    kind = Kind.DECIMAL

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = "" if value is None else str(value)
        if not text.strip(SPACES):
            return None
        number = read_number(text, self.kind, decimal_separator(), self.units())
        if number is None:
            raise ValidationError(self.not_a_number(), "invalid")
        return number

    def not_a_number(self) -> StrOrPromise:
        return self.error_messages["invalid"]

    def units(self) -> Sequence[str]:
        """Return what may stand before or after the number."""
        return ()


class PercentField(TypedDecimalField):
    def units(self) -> Sequence[str]:
        return ("%",)


class AmountField(TypedDecimalField):
    """Money in the currency of the service."""

    kind = Kind.AMOUNT

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        try:
            return super().to_python(value)
        except GroupedDecimals as error:
            raise ValidationError(TOO_MANY_DECIMALS, "max_decimal_places") from error
        except AmbiguousNumber as error:
            raise ValidationError(
                _(
                    "This can be read in two ways. Enter the amount without thousands separators, "
                    "for example %(example)s."
                ),
                "ambiguous",
                {"example": number_format(to_decimal(EXAMPLE), 2)},
            ) from error

    def not_a_number(self) -> StrOrPromise:
        return gettext("Enter an amount, for example %(example)s.") % {"example": format_amount(EXAMPLE)}

    def units(self) -> Sequence[str]:
        return money_units(settings.CURRENCY)


class LowBalanceForm(forms.Form):
    amount = AmountField(
        label=_("Tell webhooks when the balance falls below"),
        required=False,
        min_value=Decimal(0),
        max_value=MAX_LOW_BALANCE,
        decimal_places=2,
        help_text=_("Sends the event balance.low. Empty: never."),
    )

    def clean_amount(self) -> int | None:
        """Return minor units."""
        amount = self.cleaned_data["amount"]
        return None if amount is None else to_minor(amount)


class TopUpForm(forms.Form):
    amount = AmountField(label=_("Amount"))
    request_key = forms.UUIDField(widget=forms.HiddenInput, error_messages=OUTDATED_FORM_ERRORS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = {"low": MIN_TOP_UP, "high": MAX_TOP_UP, "example": EXAMPLE}
        self.fields["amount"].help_text = gettext(
            "In %(currency)s, from %(low)s to %(high)s, for example %(example)s. At most two decimals."
        ) % {"currency": settings.CURRENCY, **{name: format_amount(value) for name, value in texts.items()}}

        self.fields["amount"].widget.attrs["data-units"] = " ".join(money_units(settings.CURRENCY))

    @property
    def typed_amount(self) -> int | None:
        """What the input has, in minor units; None if that is no amount."""
        try:
            return top_up_amount(self.fields["amount"].clean(self["amount"].value()))
        except ValidationError:
            return None

    def clean_amount(self) -> int:
        """Return minor units."""
        return top_up_amount(self.cleaned_data["amount"])

    def clean(self) -> dict[str, Any] | None:
        if "request_key" in self.errors:
            self.renew_key()
        return self.cleaned_data

    def renew_key(self, key: str = "") -> None:
        """Give the form the request key `key` or a new one, so that it can be sent again."""
        # `items`, because unpacking a QueryDict gives lists.
        self.data = dict(self.data.items()) | {"request_key": key or new_request_key()}
