"""API serializers of webhooks and their deliveries."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api_input import Body, BooleanField, InstantField, TextField
from accounts.webhooks import client
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import MAX_URL_LENGTH, WebhookDelivery, WebhookEndpoint

EVENTS = {"type": "array", "items": {"type": "string", "enum": list(TYPES)}, "minItems": 1}
URL_HELP = _("An `https://` address on the public internet, on port 443 or above 1023.")
EVENTS_HELP = _("The events it receives.")
URL = "https://example.com/webhooks"
CHOSEN = ["prediction.succeeded", "prediction.failed"]
ENDPOINT: dict[str, Any] = {
    "id": "5b7a8f0e-7d44-4bb0-8f0b-2c43a7f5f1c2",
    "url": URL,
    "events": CHOSEN,
    "active": True,
    "off_reason": "",
    "failing_since": None,
    "created_at": "2027-01-31T05:15:23.888045Z",
}
DELIVERY: dict[str, Any] = {
    "id": "0d9c4a52-9b8e-4f64-9e06-3a1f6f3b7c11",
    "event_id": "e2f7c9b4-1f5a-4a0d-8a53-6f1d2c7b9e80",
    "type": "prediction.succeeded",
    "status": "delivered",
    "attempts": 1,
    "request": {
        "headers": {
            "User-Agent": client.USER_AGENT,
            "Content-Type": "application/json",
            "webhook-id": "e2f7c9b4-1f5a-4a0d-8a53-6f1d2c7b9e80",
            "webhook-timestamp": "1801372524",
        },
        "body": '{"type":"prediction.succeeded","timestamp":"2027-01-31T05:15:23.948Z","data":{…}}',
    },
    "attempted_at": "2027-01-31T05:15:24.102311Z",
    "response_status": 204,
    "duration_ms": 87,
    "error": "",
    "next_try_at": None,
    "created_at": "2027-01-31T05:15:23.948520Z",
}


@extend_schema_field(EVENTS)
class EventsField(serializers.Field[list[str], Any, list[str], Any]):
    """A JSON array of names of events, at least one."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Send an array of event names."),
        "empty": _("Choose at least one event."),
        "unknown_event": _("Unknown event. Choose from: {events}."),
    }

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
            self.fail("invalid")
        if not data:
            self.fail("empty")
        if not set(data) <= set(TYPES):
            self.fail("unknown_event", events=", ".join(TYPES))
        return data

    def to_representation(self, value: list[str]) -> list[str]:
        return value


class EndpointSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    events = EventsField(read_only=True)
    off_reason = serializers.ChoiceField(WebhookEndpoint.OffReason.choices, allow_blank=True, read_only=True)
    example: ClassVar = ENDPOINT

    class Meta:
        model = WebhookEndpoint
        fields = ["id", "url", "events", "active", "off_reason", "failing_since", "created_at"]
        read_only_fields = fields


class SecretSerializer(EndpointSerializer):
    """With the secret, which no other answer has."""

    secret = serializers.CharField(read_only=True, help_text=_("`whsec_…`, shown only here."))
    example: ClassVar = {**ENDPOINT, "secret": "whsec_…"}

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class NewEndpoint(Body[WebhookEndpoint]):
    url = TextField(max_length=MAX_URL_LENGTH, help_text=URL_HELP)
    events = EventsField(help_text=EVENTS_HELP)
    example: ClassVar = {"url": URL, "events": CHOSEN}


class ChangedEndpoint(Body[WebhookEndpoint]):
    url = TextField(max_length=MAX_URL_LENGTH, required=False, help_text=URL_HELP)
    events = EventsField(required=False, help_text=EVENTS_HELP)
    active = BooleanField(
        required=False,
        help_text=_("False switches the webhook off, true switches it on."),
    )
    example: ClassVar = {"active": True}


class Window(Body[WebhookEndpoint]):
    since = InstantField(help_text=_("Events from this time on."))
    until = InstantField(required=False, help_text=_("Events up to this time. Left out: up to now."))
    example: ClassVar = {"since": "2027-01-31T00:00:00Z", "until": "2027-01-31T06:00:00Z"}


class ReplayedSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text=_("How many are sent again. Ask again until it is 0."))
    example: ClassVar = {"replayed": 12}


class RequestSerializer(serializers.Serializer[WebhookDelivery]):
    """What was sent, without its signature."""

    headers = serializers.SerializerMethodField()
    body = serializers.CharField()

    def get_headers(self, delivery: WebhookDelivery) -> dict[str, str]:
        return client.shown_headers(delivery)


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    request = RequestSerializer(source="*", read_only=True)
    next_try_at = serializers.SerializerMethodField()
    error = serializers.ChoiceField(WebhookDelivery.Error.choices, allow_blank=True, read_only=True)
    example: ClassVar = DELIVERY

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "event_id",
            "type",
            "status",
            "attempts",
            "request",
            "attempted_at",
            "response_status",
            "duration_ms",
            "error",
            "next_try_at",
            "created_at",
        ]
        read_only_fields = fields

    def get_next_try_at(self, delivery: WebhookDelivery) -> datetime | None:
        return None if delivery.ended_at else delivery.due_at
