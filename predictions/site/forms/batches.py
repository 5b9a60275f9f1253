"""What the upload page takes in."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.translation import gettext_lazy as _

from predictions.batches.pricing import Tier, tiers
from predictions.catalog import Offer
from predictions.models import Batch, BatchQuerySet, ScoringModel
from predictions.models.batches import MAX_NAME_LENGTH
from predictions.orders.labels import titled
from predictions.site.forms.applicant import LabelField
from predictions.site.forms.catalog import CatalogField


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (XLSX), up to 1,000,000 rows and 200 MB."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    label = LabelField()
    reasons = forms.BooleanField(label=_("Add reason codes"), required=False)
    recompute = forms.BooleanField(
        label=_("If the column loan_percent_income contradicts amount and income, recalculate it"),
        required=False,
        help_text=_("Otherwise such rows are errors and are not charged."),
    )

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

    @property
    def chosen(self) -> ScoringModel:
        return self.offers[self.cleaned_data["model"]].model

    @property
    def uploaded(self) -> TemporaryUploadedFile:
        file: TemporaryUploadedFile = self.cleaned_data["file"]
        return file

    @property
    def options(self) -> list[tuple[Offer, list[Tier], bool]]:
        """`(offer, price list, is_chosen)` for every model."""
        chosen = self["model"].value()
        return [
            (offer, tiers(offer.model, reasons=False), slug == chosen) for slug, offer in self.offers.items()
        ]


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Your reference"), required=False, max_length=MAX_NAME_LENGTH)


class BatchFilterForm(forms.Form):
    """An invalid field shows its error and does not filter; valid fields do."""

    label = forms.CharField(
        label=_("Search labels and names"),
        required=False,
        max_length=MAX_NAME_LENGTH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *Batch.Status.choices]
    )
    model = CatalogField()

    @property
    def is_active(self) -> bool:
        return any(self.cleaned_data.values())

    def narrow(self, rows: BatchQuerySet) -> BatchQuerySet:
        """Return the `rows` that match."""
        chosen = self.cleaned_data
        if status := chosen.get("status"):
            rows = rows.with_status(status)
        if model := chosen.get("model"):
            rows = rows.filter(model=model)
        if label := chosen.get("label"):
            rows = titled(rows, label)
        return rows
