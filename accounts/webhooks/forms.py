"""Forms of the webhook pages; `endpoints` has the rules."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.webhooks import events
from accounts.webhooks.models import MAX_URL_LENGTH, WebhookEndpoint

# What customers can choose; a test is sent to every endpoint.
LABELS: dict[str, StrOrPromise] = {
    events.PREDICTION_SUCCEEDED: _("A prediction is completed"),
    events.PREDICTION_FAILED: _("A prediction has failed and is refunded"),
    events.BATCH_QUOTED: _("A file is checked and has a price"),
    events.BATCH_COMPLETED: _("A file is completed or has failed"),
    events.BALANCE_LOW: _("The balance falls below your limit"),
    events.PING: _("A test that you send"),
}
OFFERED = [kind for kind in events.TYPES if kind != events.PING]


def name_of(kind: str) -> str:
    """Return the name of the input of an event. A draft of a form keeps one value of each name."""
    return kind.replace(".", "_")


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=MAX_URL_LENGTH,
        help_text=_("For example https://example.org/webhooks."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in OFFERED:
            self.fields[name_of(kind)] = forms.BooleanField(label=LABELS[kind], required=False)

    @classmethod
    def initial_of(cls, endpoint: WebhookEndpoint) -> dict[str, object]:
        return {"url": endpoint.url, **{name_of(kind): True for kind in endpoint.events}}

    @property
    def event_fields(self) -> list[tuple[str, forms.BoundField]]:
        """Return the events with their inputs."""
        return [(kind, self[name_of(kind)]) for kind in OFFERED]

    @property
    def types(self) -> list[str]:
        return [kind for kind in OFFERED if self.cleaned_data[name_of(kind)]]

    def clean(self) -> dict[str, Any]:
        if not any(self.cleaned_data.get(name_of(kind)) for kind in OFFERED):
            raise ValidationError(_("Choose at least one event."))
        return self.cleaned_data


class ReplayForm(forms.Form):
    since = forms.DateField(
        label=_("Since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    @property
    def beginning(self) -> datetime:
        return datetime.combine(self.cleaned_data["since"], time(), UTC)
