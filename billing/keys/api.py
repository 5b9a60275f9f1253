"""API endpoints for API keys. No key can use them: a key that leaks must not make another one."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_errors import raises
from accounts.api_input import ApiView, Body, InstantField, TextField, WholeNumberField, body_of
from accounts.keys import services as keys
from accounts.keyset import NEWEST_FIRST
from accounts.models import ApiKey, Scope
from accounts.pagination import KeysetPagination, PageQuery
from accounts.requests import current_user
from billing.api import AmountField, CurrencyField, MoneyField
from billing.money import daily_limit_amount

MAX_ORDERS_PER_MINUTE = 1_000_000
GRACE_HOURS = 24
MAX_GRACE_HOURS = keys.MAX_GRACE // timedelta(hours=1)
KEY_ORDER: dict[str, Any] = {
    "name": "loan desk",
    "scopes": ["read", "predict"],
    "daily_limit": "250.00",
    "orders_per_minute": 60,
    "expires_at": "2028-01-31T00:00:00Z",
}
API_KEY: dict[str, Any] = {
    **KEY_ORDER,
    "id": "3d1f2c5e-2b0a-4c62-9a53-7f1d8c6b4e20",
    "prefix": "cs_4fT9bXk2LmQ7",
    "currency": "USD",
    "created_at": "2027-01-31T05:15:23.888045Z",
    "last_used_at": None,
}


class DailyLimitField(AmountField):
    """The most that a day's orders may cost."""

    read_amount = staticmethod(daily_limit_amount)

    def to_representation(self, value: int) -> str:
        return MoneyField().to_representation(value)


@extend_schema_field(
    {"type": "array", "items": {"type": "string", "enum": Scope.values}, "minItems": 1, "uniqueItems": True}
)
class ScopesField(serializers.Field[list[str], Any, list[str], Any]):
    """A JSON array of at least one scope, each once."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Send a list of scopes: {scopes}."),
        "repeated": _("A scope appears twice."),
    }

    def to_internal_value(self, data: Any) -> list[str]:
        named = isinstance(data, list) and all(isinstance(one, str) and one in Scope.values for one in data)
        if not named or not data:
            self.fail("invalid", scopes=", ".join(Scope.values))
        if len(set(data)) < len(data):
            self.fail("repeated")
        return [scope for scope in Scope.values if scope in data]

    def to_representation(self, value: list[str]) -> list[str]:
        return value


def _per_minute(**options: Any) -> WholeNumberField:
    return WholeNumberField(min_value=1, max_value=MAX_ORDERS_PER_MINUTE, allow_null=True, **options)


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    daily_limit = MoneyField(allow_null=True, read_only=True)
    currency = CurrencyField()
    scopes = ScopesField(read_only=True)
    example: ClassVar = API_KEY

    class Meta:
        model = ApiKey
        fields = [
            *("id", "name", "prefix", "scopes", "daily_limit", "currency", "orders_per_minute"),
            *("created_at", "expires_at", "last_used_at"),
        ]
        read_only_fields = fields


class NewApiKeySerializer(ApiKeySerializer):
    """Represents a `keys.NewKey`: the key as in lists, and the whole key, which is shown only now."""

    key = serializers.CharField(help_text=_("The whole key. It is not shown again."))
    example: ClassVar = {**API_KEY, "key": "cs_4fT9bXk2LmQ7_…"}

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {**body_of(ApiKeySerializer, instance.key), "key": instance.secret}


class KeyOrderSerializer(Body[ApiKey]):
    example: ClassVar = KEY_ORDER
    name = TextField(max_length=100, help_text=_("Your own name for the key."))
    scopes = ScopesField(
        initial=[Scope.READ, Scope.PREDICT],
        help_text=_("`read` results, `predict` (spends money), `pay` (adds money)."),
    )
    daily_limit = DailyLimitField(
        required=False, allow_null=True, help_text=_("Spending limit per day (UTC).")
    )
    orders_per_minute = _per_minute(required=False, help_text=_("Limit of predictions per minute."))
    expires_at = InstantField(
        required=False, allow_null=True, help_text=_("After this time, the key is refused.")
    )

    def validate_expires_at(self, at: datetime | None) -> datetime | None:
        if at is not None and at <= timezone.now():
            raise serializers.ValidationError(_("Enter a time in the future."), "in_the_past")
        return at


class RotationSerializer(Body[ApiKey]):
    grace_hours = WholeNumberField(
        min_value=0,
        max_value=MAX_GRACE_HOURS,
        default=GRACE_HOURS,
        help_text=_("Hours for which the old key keeps working, unless it expires or is revoked first."),
    )
    example: ClassVar = {"grace_hours": GRACE_HOURS}


class ApiKeysView(ApiView, generics.ListAPIView[ApiKey]):
    key_scopes: ClassVar = {}
    body = KeyOrderSerializer
    query = PageQuery
    pagination_class = KeysetPagination
    sort_order = NEWEST_FIRST
    queryset = ApiKey.objects.none()

    def get_serializer_class(self) -> type[KeyOrderSerializer] | type[ApiKeySerializer]:
        return KeyOrderSerializer if self.request.method == "POST" else ApiKeySerializer

    def get_queryset(self) -> QuerySet[ApiKey]:
        return keys.live_keys(current_user(self.request))

    @extend_schema(
        summary=_("List API keys"),
        description=_("The keys that have neither expired nor been revoked, newest first."),
        parameters=[PageQuery],
        responses={200: OpenApiResponse(ApiKeySerializer(many=True), _("A page of keys."))},
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary=_("Create an API key"),
        description=_("For a program. The answer has the whole key in `key`, which is not shown again."),
        request=KeyOrderSerializer,
        responses={201: OpenApiResponse(NewApiKeySerializer, _("The key."))},
    )
    @raises(keys.TooManyKeys, fields=("in_the_past",))
    def post(self, request: Request) -> Response:
        new = keys.create(current_user(request), **self.read_body(request))
        return Response(body_of(NewApiKeySerializer, new), status.HTTP_201_CREATED)


class ApiKeyView(ApiView):
    key_scopes: ClassVar = {}

    @extend_schema(
        summary=_("Revoke an API key"),
        description=_("The key is refused from now on."),
        request=None,
        responses={204: OpenApiResponse(description=_("It is revoked."))},
    )
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        if not keys.revoke(keys.live_keys(current_user(request)).filter(pk=pk)):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateView(ApiView):
    key_scopes: ClassVar = {}
    body = RotationSerializer

    @extend_schema(
        summary=_("Replace an API key"),
        description=_(
            "Creates a second key with the same name, scopes and limits. Both work during the grace period."
        ),
        request=RotationSerializer,
        responses={201: OpenApiResponse(NewApiKeySerializer, _("The new key."))},
    )
    @raises(keys.TooManyKeys)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        key = keys.get_live(current_user(request), pk)
        grace = timedelta(hours=self.read_body(request)["grace_hours"])
        new = key and keys.rotate(key, grace)
        if not new:
            raise Http404
        return Response(body_of(NewApiKeySerializer, new), status.HTTP_201_CREATED)
