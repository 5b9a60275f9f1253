"""The order form, built from the schema, and the history's filter."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from predictions.catalog import Offer
from predictions.models import Prediction, ScoringModel
from predictions.scoring.schema import FIELDS, Applicant, Field, InvalidApplicant, NumberField, Value, parse_text
from predictions.texts import problem_text


def form_field(field: Field) -> forms.Field:
    """An input for one fact. It takes any text: the schema alone decides what is right."""
    if isinstance(field, NumberField):
        attrs = {"inputmode": "numeric" if field.integer else "decimal", "autocomplete": "off"}
        if field.derived:
            attrs |= {"readonly": "readonly", "data-derived": field.name}
        return _field(field, forms.TextInput(attrs=attrs))
    choices = [("", gettext_lazy("Choose…")), *((value, gettext_lazy(label)) for value, label in field.choices)]
    return _field(field, forms.Select(choices=choices))


def _field(field: Field, widget: forms.Widget) -> forms.CharField:
    bound = forms.CharField(
        label=gettext_lazy(field.label),
        help_text=gettext_lazy(field.help),
        required=False,
        strip=False,
        widget=widget,
    )
    bound.validators.clear()
    return bound


def as_text(value: Value) -> str:
    """A stored value as a person would type it."""
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


class OrderForm(forms.Form):
    """Eleven facts, a model, and two hidden guards: the key against a second charge, the price seen."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    applicant: Applicant

    def __init__(self, offers: list[Offer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.model.slug: offer for offer in offers}
        for field in FIELDS:
            self.fields[field.name] = form_field(field)
        self.fields["model"] = forms.ChoiceField(
            label=_("Model"),
            choices=[(slug, offer.model.name) for slug, offer in self.offers.items()],
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": _("This model is not on sale.")},
        )
        for slug, offer in self.offers.items():
            self.fields[f"price_{slug}"] = forms.IntegerField(
                required=False, initial=offer.model.price, widget=forms.HiddenInput
            )

    def clean(self) -> dict[str, Any]:
        raw = {field.name: str(self.data.get(field.name, "")) for field in FIELDS}
        try:
            self.applicant = parse_text(raw)
        except InvalidApplicant as invalid:
            for problem in invalid.problems:
                self.add_error(problem.field, problem_text(problem))
        return self.cleaned_data

    @property
    def chosen(self) -> ScoringModel:
        return self.offers[self.cleaned_data["model"]].model

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data[f"price_{self.cleaned_data['model']}"]
        return price


class HistoryFilterForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *Prediction.Status.choices]
    )
    model = forms.ModelChoiceField(
        label=_("Model"), required=False, queryset=ScoringModel.objects.all(), to_field_name="slug", empty_label=_("All")
    )


def insufficient_funds_text(balance: str, required: str) -> str:
    return gettext("Your balance of %(balance)s does not cover the price of %(required)s. Nothing was charged.") % {
        "balance": balance,
        "required": required,
    }
