from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Entry
from billing.money import top_up_amount


class AmountField(forms.DecimalField):
    """Takes what people type: ``1 000,50`` as well as ``1000.50``."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = "".join(value.split()).replace("\u202f", "")
            value = value.replace(",", "") if "." in value else value.replace(",", ".")
        return super().to_python(value)


class TopUpForm(forms.Form):
    amount = AmountField(label=_("Amount"))
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_amount(self) -> int:
        """Minor units."""
        return top_up_amount(self.cleaned_data["amount"])


class EntryFilterForm(forms.Form):
    kind = forms.ChoiceField(label=_("Show"), required=False, choices=[("", _("All")), *Entry.Kind.choices])
