"""The order form of all models at once: the same facts, no choice of a model, one price."""

from typing import Any

from django import forms

from billing.forms import OLD_FORM
from predictions.forms import OrderForm


class ComparisonForm(OrderForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__([], *args, **kwargs)
        del self.fields["model"]
        self.fields["price"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, error_messages=OLD_FORM
        )

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data["price"]
        return price
