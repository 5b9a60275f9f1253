"""The form that creates a key, and the one that replaces it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Scope
from billing.forms import AmountField
from billing.keys.api import MAX_ORDERS_PER_MINUTE
from billing.money import daily_limit_amount

LIFETIMES = [
    ("", _("Never")),
    ("30", _("In 30 days")),
    ("90", _("In 90 days")),
    ("365", _("In a year")),
]
GRACES = [
    ("0", _("It stops at once")),
    ("1", _("For 1 hour")),
    ("24", _("For 1 day")),
    ("168", _("For 7 days")),
    ("720", _("For 30 days")),
]


class KeyForm(forms.Form):
    """The arguments of `keys.create`. One input for each scope, because drafts keep one value of a name."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("For example: loan desk, production."),
    )
    read = forms.BooleanField(label=Scope.READ.label, required=False)
    predict = forms.BooleanField(label=Scope.PREDICT.label, required=False)
    pay = forms.BooleanField(label=Scope.PAY.label, required=False)
    daily_limit = AmountField(
        label=_("Daily spending limit"),
        required=False,
        help_text=_("Orders above it are refused until midnight UTC. Empty: no limit."),
    )
    orders_per_minute = forms.IntegerField(
        label=_("Orders per minute"),
        required=False,
        min_value=1,
        max_value=MAX_ORDERS_PER_MINUTE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("In addition to the limit of your account. Empty: no limit."),
    )
    lifetime = forms.ChoiceField(label=_("Expires"), choices=LIFETIMES, required=False)

    def clean_daily_limit(self) -> int | None:
        """Return minor units."""
        amount = self.cleaned_data["daily_limit"]
        return None if amount is None else daily_limit_amount(amount)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        scopes = [scope for scope in Scope.values if values.pop(scope, False)]
        if not scopes:
            self.add_error(Scope.READ, ValidationError(_("Choose what the key may do."), "required"))
        days = values.pop("lifetime", "")
        expires_at = timezone.now() + timedelta(days=int(days)) if days else None
        return {**values, "scopes": scopes, "expires_at": expires_at}


class RotationForm(forms.Form):
    grace_hours = forms.TypedChoiceField(
        label=_("How long the old key keeps working"), choices=GRACES, coerce=int, initial="24"
    )
