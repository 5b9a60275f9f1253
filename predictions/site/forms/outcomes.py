"""What the pages of outcomes take in."""

from typing import BinaryIO

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from predictions.models import Prediction, Result
from predictions.outcomes.sold import day_of

_DAY = "%Y-%m-%d"


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What became of the loan"),
        choices=Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    observed_on = forms.DateField(
        label=_("Observed on (UTC)"),
        input_formats=[_DAY, "%d.%m.%Y"],
        widget=forms.DateInput(format=_DAY, attrs={"type": "date"}),
        error_messages={"required": _("Enter a day."), "invalid": _("Enter a day.")},
    )

    @classmethod
    def of(cls, prediction: Prediction, draft: dict[str, str]) -> "OutcomeForm":
        """Return a form with what was reported, or with the inputs restored after a log-in.

        Of a part of a comparison, what was reported of it stands for all of them.
        """
        now, today = prediction.reported, day_of(timezone.now())
        stored = {"outcome": now.result, "observed_on": now.observed_on} if now else {"observed_on": today}
        form = cls(initial=stored | draft)
        bounds = {"min": day_of(prediction.created_at).isoformat(), "max": today.isoformat()}
        form.fields["observed_on"].widget.attrs |= bounds
        return form


class OutcomeFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, up to 100,000 rows and 20 MB."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )

    @property
    def uploaded(self) -> BinaryIO:
        file: BinaryIO = self.cleaned_data["file"]
        return file
