"""The order forms: the applicant, the model, and the prices that the customer saw."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms import OUTDATED_FORM_ERRORS
from predictions.catalog import Offer
from predictions.models import ScoringModel
from predictions.site.forms.applicant import ApplicantForm


class OrderForm(ApplicantForm):
    def __init__(self, offers: list[Offer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.model.slug: offer for offer in offers}
        self.fields["model"] = forms.ChoiceField(
            label=_("Model"),
            choices=[(slug, offer.model.name) for slug, offer in self.offers.items()],
            widget=forms.RadioSelect,
            error_messages={
                "required": _("Choose a model."),
                "invalid_choice": _("This model is not for sale."),
            },
        )
        for slug, offer in self.offers.items():
            self.fields[f"price_{slug}"] = forms.IntegerField(
                required=False,
                initial=offer.model.price,
                widget=forms.HiddenInput,
                error_messages=OUTDATED_FORM_ERRORS,
            )

    @property
    def chosen(self) -> ScoringModel:
        return self.offers[self.cleaned_data["model"]].model

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data[f"price_{self.cleaned_data['model']}"]
        return price

    @property
    def options(self) -> list[tuple[Offer, bool]]:
        """`(offer, is_chosen)` for every offer."""
        chosen = self["model"].value()
        return [(offer, slug == chosen) for slug, offer in self.offers.items()]


class ComparisonForm(ApplicantForm):
    """The order form of a comparison: the applicant and one price."""

    price = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages=OUTDATED_FORM_ERRORS)

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data["price"]
        return price
