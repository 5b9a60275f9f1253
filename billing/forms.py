"""The top-up form, and a field for numbers as people type them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.money import MAX_TOP_UP, MIN_TOP_UP, format_amount, top_up_amount
from billing.services import new_request_key
from number_input import AmbiguousNumber, Kind, read_number

# Without its request key a form cannot be told from a duplicate.
OUTDATED_FORM_ERRORS = {
    name: _("This form is out of date. Check it and send it again.") for name in ("required", "invalid")
}


class TypedDecimalField(forms.DecimalField):
    """A decimal number with separators as people type them; `kind` defines what they mean."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, kind: Kind = Kind.AMOUNT, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            try:
                # Text that is not a number stays: Django's own check reports it.
                value = read_number(value, self.kind) or value
            except AmbiguousNumber as error:
                raise ValidationError(
                    _("Enter the amount without thousands separators, for example 1000.50."), "ambiguous"
                ) from error
        return super().to_python(value)


class TopUpForm(forms.Form):
    amount = TypedDecimalField(label=_("Amount"))
    request_key = forms.UUIDField(widget=forms.HiddenInput, error_messages=OUTDATED_FORM_ERRORS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bounds = {"low": format_amount(MIN_TOP_UP), "high": format_amount(MAX_TOP_UP)}
        self.fields["amount"].help_text = gettext("From %(low)s to %(high)s, at most two decimals.") % bounds

    def clean_amount(self) -> int:
        """Return minor units."""
        return top_up_amount(self.cleaned_data["amount"])

    def clean(self) -> dict[str, Any] | None:
        if "request_key" in self.errors:
            self.renew_key()
        return self.cleaned_data

    def renew_key(self) -> None:
        """Give the form a new request key, so that it can be sent again."""
        # `items`, because unpacking a QueryDict gives lists.
        self.data = dict(self.data.items()) | {"request_key": new_request_key()}
