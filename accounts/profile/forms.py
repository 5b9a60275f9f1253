"""Forms of the account page. Those of sensitive steps ask who is there: `ProofForm`."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.forms import password_field
from accounts.models import Theme, User
from accounts.profile.reader import zone_names
from accounts.profile.zones import zones_by_region
from accounts.second_factor import services as second_factor
from accounts.second_factor.forms import check_code, code_field


def _languages() -> list[tuple[str, Any]]:
    """Each language in its own words."""
    own = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
    return [("", _("As in the browser")), *own]


class PreferencesForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("How we address you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False, choices=_languages)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("For times, filters and charts. CSV files, statements and the API use UTC."),
    )
    theme = forms.ChoiceField(
        label=_("Theme"), required=False, choices=[("", _("As in the system")), *Theme.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.get_initial_for_field(self.fields["time_zone"], "time_zone") or ""
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            ("", _("As in the browser")),
            ("UTC", "UTC"),
            *zones_by_region(stored if stored in zone_names() else ""),
        ]


class ProofForm(forms.Form):
    """Asks for the password of the logged-in user, and for a code if the second factor is on."""

    password = password_field(_("Current password"), "current-password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        if second_factor.is_on(user):
            text = _("6 digits from your app, or a recovery code.")
            self.fields["code"] = code_field(help_text=text)

    def clean(self) -> dict[str, Any]:
        """Check the proof once the other inputs are right. Raises `RetryLater` too, for the view."""
        if not self.errors:
            try:
                services.confirm_password(self.user, str(self.cleaned_data["password"]))
            except services.WrongCredentials:
                self.add_error("password", ValidationError(_("The current password is incorrect.")))
            else:
                if "code" in self.fields:
                    check_code(self, self.user)
        return self.cleaned_data


class EmailForm(ProofForm):
    email = forms.EmailField(
        label=_("New email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ("email", "password")
