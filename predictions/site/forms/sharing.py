"""What the pages of links and documents take in."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from predictions.results.sharing import LIFETIMES

# Of a PDF of ours; the body of a request has a limit of its own.
MAX_TYPED = 100


def _days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


class ShareForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=lambda: [(days, _days(days)) for days in LIFETIMES],
        initial=7,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one.")},
    )
    with_details = forms.BooleanField(
        label=_("Show the application details and reasons, too"), required=False
    )


class VerifyForm(forms.Form):
    """A code, or the document itself."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=MAX_TYPED,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    file = forms.FileField(
        label=_("Or the PDF itself"),
        required=False,
        error_messages={"empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("code") and not cleaned.get("file"):
            self.add_error("code", _("Enter the code, or choose the file."))
        return cleaned
