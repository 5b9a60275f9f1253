from django import forms
from django.utils.translation import gettext_lazy as _

from predictions.models import Prediction, ScoringModel


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
