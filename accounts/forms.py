"""Forms of the account pages; `services` and the models have the rules."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts import services
from accounts.models import User
from accounts.passwords import MAX_TYPED, PasswordLength

# An e-mail address is longer than a name.
MAX_IDENTIFIER = 254
PASSWORD_RULES = _("At least 8 characters. Not common, not only digits, not like your username or email.")


def password_field(label: StrOrPromise, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MAX_TYPED,
        validators=[PasswordLength()],
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def new_password_field() -> forms.CharField:
    field = password_field(_("New password"), "new-password")
    field.help_text = PASSWORD_RULES
    return field


class LoginForm(forms.Form):
    username = forms.CharField(
        label=_("Username or email"),
        max_length=MAX_IDENTIFIER,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = password_field(_("Password"), "current-password")


class RegistrationForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        help_text=_("Latin letters, digits and . + - _"),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    email = forms.EmailField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = password_field(_("Password"), "new-password")
    password.help_text = PASSWORD_RULES

    def clean(self) -> dict[str, Any]:
        """Add the errors that `services.register` would raise, to show all errors at once."""
        if self.errors:
            values = {name: str(self.cleaned_data.get(name, "")) for name in self.fields}
            for name, problems in services.sign_up_problems(**values).items():
                if name not in self.errors:
                    self.add_error(name, problems)
        return self.cleaned_data


class PasswordChangeForm(forms.Form):
    old_password = password_field(_("Current password"), "current-password")
    new_password = new_password_field()

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        self.user = user
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def clean_old_password(self) -> str:
        """Check the password. Raises `RetryLater` too, for the view: that is no fault of the input."""
        old = str(self.cleaned_data["old_password"])
        try:
            services.confirm_password(self.user, old)
        except services.WrongCredentials as error:
            raise ValidationError(_("The current password is incorrect.")) from error
        return old

    def clean_new_password(self) -> str:
        return services.checked_password(str(self.cleaned_data["new_password"]), self.user)
