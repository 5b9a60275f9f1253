"""The order form of all models at once: the facts and one price."""

from django import forms

from billing.forms import OLD_FORM
from predictions.forms.applicant import ApplicantForm


class ComparisonForm(ApplicantForm):
    price = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages=OLD_FORM)

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data["price"]
        return price
