"""The order form, built from the schema, and the history's filter."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.forms import OLD_FORM
from billing.services import new_request_key
from predictions.catalog import Offer
from predictions.models import Prediction, ScoringModel
from predictions.scoring.parsing import InvalidApplicant, parse_text
from predictions.scoring.schema import FIELDS, Applicant, Field, NumberField, Value
from predictions.texts import problem_text

GROUPS = (
    ("person", _("The person")),
    ("loan", _("The loan")),
    ("bureau", _("The credit bureau")),
)


def form_field(field: Field) -> forms.Field:
    """An input for one fact. It takes any text: the schema alone decides what is right."""
    if isinstance(field, NumberField):
        attrs = {
            "inputmode": "numeric" if field.integer else "decimal",
            "autocomplete": "off",
            "maxlength": "40",
        }
        if field.derived:
            attrs |= {"readonly": "readonly", "data-derived": field.name, "tabindex": "-1"}
        return _field(field, forms.TextInput(attrs=attrs))
    choices = [
        ("", gettext_lazy("Choose…")),
        *((value, gettext_lazy(label)) for value, label in field.choices),
    ]
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
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def as_initial(applicant: Applicant) -> dict[str, object]:
    """First values of the form. The share is left to be worked out: nobody could correct an old one."""
    typed = (field for field in FIELDS if not (isinstance(field, NumberField) and field.derived))
    return {field.name: as_text(applicant[field.name]) for field in typed}


class OrderForm(forms.Form):
    """Eleven facts, a model, and two hidden guards: the key against a second charge, the price seen."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, error_messages=OLD_FORM)
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
            error_messages={
                "required": _("Choose a model."),
                "invalid_choice": _("This model is not on sale."),
            },
        )
        for slug, offer in self.offers.items():
            self.fields[f"price_{slug}"] = forms.IntegerField(
                required=False, initial=offer.model.price, widget=forms.HiddenInput, error_messages=OLD_FORM
            )

    def clean(self) -> dict[str, Any]:
        if "request_key" in self.errors:
            self.renew_key()
        raw = {field.name: str(self.data.get(field.name, "")) for field in FIELDS}
        try:
            self.applicant = parse_text(raw)
        except InvalidApplicant as invalid:
            for problem in invalid.problems:
                self.add_error(problem.field, problem_text(problem))
        return self.cleaned_data

    def renew_key(self) -> None:
        """The form that goes back to the customer may be sent as a new one."""
        self.data = {**self.data, "request_key": new_request_key()}

    @property
    def chosen(self) -> ScoringModel:
        return self.offers[self.cleaned_data["model"]].model

    @property
    def agreed_price(self) -> int | None:
        price: int | None = self.cleaned_data[f"price_{self.cleaned_data['model']}"]
        return price

    @property
    def groups(self) -> list[tuple[str, str, list[tuple[forms.BoundField, Field]]]]:
        """`(key, title, [(input, fact)])` as the page shows them."""
        return [
            (key, str(title), [(self[field.name], field) for field in FIELDS if field.group == key])
            for key, title in GROUPS
        ]

    @property
    def cards(self) -> list[tuple[Offer, bool]]:
        """Every offer, and whether it is the chosen one."""
        chosen = self["model"].value()
        return [(offer, slug == chosen) for slug, offer in self.offers.items()]


class HistoryFilterForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *Prediction.Status.choices]
    )
    model = forms.ModelChoiceField(
        label=_("Model"),
        required=False,
        queryset=ScoringModel.objects.all(),
        to_field_name="slug",
        empty_label=_("All"),
    )


def insufficient_funds_text(balance: str, required: str) -> str:
    return gettext(
        "Your balance of %(balance)s does not cover the price of %(required)s. Nothing was charged."
    ) % {
        "balance": balance,
        "required": required,
    }
