"""Inputs for codes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.second_factor import services

# A recovery code with its dashes has 19 characters; people add spaces.
MAX_TYPED_CODE = 40


def code_field(**changes: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"})
    return forms.CharField(label=_("Code"), max_length=MAX_TYPED_CODE, widget=widget, **changes)


class LoginCodeForm(forms.Form):
    code = code_field(help_text=_("6 digits from your app, or a recovery code."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class ConfirmForm(forms.Form):
    """The first code of an app. The view turns the second factor on with it."""

    code = code_field(help_text=_("6 digits from your app."))


def check_code(form: forms.Form, user: User, name: str = "code") -> None:
    """Use up the code, or add an error to the form. Raises `TooManyAttempts`."""
    try:
        services.verify(user, str(form.cleaned_data.get(name, "")))
    except services.CodeRequired:
        form.add_error(name, ValidationError(_("This field is required."), code="required"))
    except services.WrongCode:
        form.add_error(name, wrong_code())


def wrong_code() -> ValidationError:
    return ValidationError(
        _("The code is wrong or was already used. Wait for the next one."), code="otp_invalid"
    )
