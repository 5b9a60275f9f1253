"""The order forms: the applicant, the model, and the prices that the customer saw."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms import OUTDATED_FORM_ERRORS
from predictions.catalog import Offer
from predictions.models import ScoringModel
from predictions.orders.comparisons import Quote
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
    def current_price(self) -> int:
        return self.chosen.price

    @property
    def shown_price(self) -> int | None:
        offer = self.offers.get(str(self["model"].value() or ""))
        return offer.model.price if offer and offer.version else None

    @property
    def price_input(self) -> str:
        return f"price_{self.chosen.slug}"

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data[self.price_input]
        return price

    @property
    def facts_of_order(self) -> list[object]:
        return [self.chosen.slug, self.applicant]

    @property
    def options(self) -> list[tuple[Offer, bool]]:
        """`(offer, is_chosen)` for every offer."""
        chosen = self["model"].value()
        return [(offer, slug == chosen) for slug, offer in self.offers.items()]


class ComparisonForm(ApplicantForm):
    """The order form of a comparison: the applicant and one price."""

    def __init__(self, offered: Quote | None, *args: Any, **kwargs: Any) -> None:
        """`offered` is None if there are not enough models."""
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.fields["price"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, error_messages=OUTDATED_FORM_ERRORS
        )

    @property
    def current_price(self) -> int | None:
        return self.offered.price if self.offered else None

    @property
    def shown_price(self) -> int | None:
        return self.current_price

    @property
    def price_input(self) -> str:
        return "price"

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data["price"]
        return price

    @property
    def facts_of_order(self) -> list[object]:
        return ["comparison", self.applicant]
