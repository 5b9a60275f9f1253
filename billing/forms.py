import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.models import Entry
from billing.money import top_up_amount
from billing.periods import Month
from billing.services import new_request_key

# A form without its key cannot be told from one that was sent twice.
OLD_FORM = {
    name: _("This form is out of date. Check it and send it again.") for name in ("required", "invalid")
}


_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")


class AmountField(forms.DecimalField):
    """Takes what people type: ``1 000,50`` as well as ``1000.50``."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = "".join(value.split()).replace("\u202f", "")
            if _GROUPS.fullmatch(value):
                # One thousand in one country, one in another: nobody is charged for a guess.
                raise ValidationError(
                    _("Write the amount without separators of thousands, for example 1000.50."), "ambiguous"
                )
            # Of two kinds of separators the last one is the decimal one.
            thousands, decimal = (",", ".") if value.rfind(".") > value.rfind(",") else (".", ",")
            value = value.replace(thousands, "").replace(decimal, ".")
        return super().to_python(value)


class TopUpForm(forms.Form):
    amount = AmountField(label=_("Amount"), help_text=_("From 0.01 to 100,000.00, at most two decimals."))
    request_key = forms.UUIDField(widget=forms.HiddenInput, error_messages=OLD_FORM)

    def clean_amount(self) -> int:
        """Minor units."""
        return top_up_amount(self.cleaned_data["amount"])

    def clean(self) -> dict[str, Any] | None:
        if "request_key" in self.errors:
            self.renew_key()
        return self.cleaned_data

    def renew_key(self) -> None:
        """The form that goes back to the customer may be sent as a new one."""
        # By `items`, for what a QueryDict unpacks to are lists.
        self.data = dict(self.data.items()) | {"request_key": new_request_key()}


def _month_field(
    first: Sequence[tuple[str, StrOrPromise]], months: Sequence[Month]
) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Month (UTC)"),
        required=False,
        choices=[*first, *((str(month), month.name) for month in months)],
        coerce=Month.parse,
        empty_value=None,
    )


class EntryFilterForm(forms.Form):
    """`months` are those that can be chosen, the newest first."""

    kind = forms.ChoiceField(label=_("Show"), required=False, choices=[("", _("All")), *Entry.Kind.choices])

    def __init__(self, data: Any, months: Sequence[Month]) -> None:
        super().__init__(data)
        self.fields["month"] = _month_field([("", _("All"))], months)

    @property
    def chosen(self) -> tuple[str, Month | None]:
        """Kind and month; what is not understood filters nothing."""
        self.is_valid()
        return self.cleaned_data.get("kind", ""), self.cleaned_data.get("month")


class StatementForm(forms.Form):
    def __init__(self, data: Any, months: Sequence[Month]) -> None:
        super().__init__(data)
        self.present = months[0]
        self.fields["month"] = _month_field([], months)

    @property
    def chosen(self) -> Month:
        """The present month unless another is asked for that there is."""
        self.is_valid()
        return self.cleaned_data.get("month") or self.present
