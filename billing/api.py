"""API endpoints for the balance, top-ups and ledger entries."""

import re
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_input import ApiView, Body, ChoiceField
from accounts.models import User
from accounts.pagination import KeysetPagination, PageQuery
from accounts.requests import current_user
from billing import services
from billing.idempotency import MAX_LENGTH, REPLAYED, Once, idempotent
from billing.models import Entry, Wallet
from billing.money import to_text, top_up_amount
from billing.pagination import ENTRIES_NEWEST_FIRST

# 40 digits are more than any amount has, and few enough for exact arithmetic.
AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[ -~]+$", "minLength": 1, "maxLength": MAX_LENGTH},
    OpenApiParameter.HEADER,
    description="A repeated request with the same key and body returns the first response, with "
    "`Idempotent-Replayed: true`; money moves once. The same key with another body is 422.",
)


@extend_schema_field(OpenApiTypes.STR)
class MoneyField(serializers.Field[int, Any, str, Any]):
    """An amount in minor units as a string with two decimals."""

    def to_representation(self, value: int) -> str:
        return to_text(value)


@extend_schema_field(OpenApiTypes.STR)
class CurrencyField(serializers.Field[Any, Any, str, Any]):
    """The service's currency, sent with every amount."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True)

    def to_representation(self, value: object) -> str:
        return str(settings.CURRENCY)


class WalletSerializer(serializers.ModelSerializer[Wallet]):
    balance = MoneyField(read_only=True)
    currency = CurrencyField()

    class Meta:
        model = Wallet
        fields = ["balance", "currency"]


class MeSerializer(serializers.ModelSerializer[User]):
    balance = MoneyField(source="wallet.balance", read_only=True)
    currency = CurrencyField()

    class Meta:
        model = User
        fields = ["id", "username", "email", "balance", "currency"]


class EntrySerializer(serializers.ModelSerializer[Entry]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    amount = MoneyField(read_only=True)
    balance_after = MoneyField(read_only=True)
    currency = CurrencyField()
    reverses = serializers.UUIDField(
        source="reverses.public_id", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Entry
        fields = ["id", "kind", "amount", "balance_after", "currency", "reverses", "note", "created_at"]
        read_only_fields = ["kind", "note", "created_at"]


@extend_schema_field(
    {
        "oneOf": [{"type": "string", "pattern": f"^{AMOUNT.pattern}$"}, {"type": "number"}],
        "example": "25.00",
    }
)
class AmountField(serializers.Field[int, Any, str, Any]):
    """A top-up in minor units, from text of ASCII digits with at most one point, or from a JSON number."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Enter a number.")}

    def to_internal_value(self, data: Any) -> int:
        text = repr(data) if isinstance(data, int | float) and not isinstance(data, bool) else data
        if not isinstance(text, str) or (text is data and not AMOUNT.fullmatch(text)):
            self.fail("invalid")
        try:
            return top_up_amount(Decimal(text))
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, error.code) from error


class TopUpSerializer(Body[Entry]):
    amount = AmountField()


class EntryQuery(PageQuery[Entry]):
    kind = ChoiceField(choices=Entry.Kind.choices, required=False, allow_blank=True)


class MeView(ApiView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(services.wallet_of(current_user(request)).user).data)


class BalanceView(ApiView):
    @extend_schema(responses=WalletSerializer)
    def get(self, request: Request) -> Response:
        return Response(WalletSerializer(services.wallet_of(current_user(request))).data)


class TopUpsView(ApiView):
    body = TopUpSerializer

    @extend_schema(request=TopUpSerializer, responses={201: EntrySerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent()
    def post(self, request: Request, once: Once) -> Response:
        user, amount = current_user(request), self.read_body(request)["amount"]
        headers = REPLAYED if services.top_up_with_key(user, once.request_key) else None
        entry = services.top_up(user=user, amount=amount, request_key=once.request_key)
        return Response(EntrySerializer(entry).data, status.HTTP_201_CREATED, headers=headers)


@extend_schema(parameters=[EntryQuery])
class TransactionsView(ApiView, generics.ListAPIView[Entry]):
    query = EntryQuery
    serializer_class = EntrySerializer
    pagination_class = KeysetPagination
    sort_order = ENTRIES_NEWEST_FIRST
    queryset = Entry.objects.none()

    def get_queryset(self) -> QuerySet[Entry]:
        entries = Entry.objects.filter(wallet=services.wallet_of(current_user(self.request)))
        if kind := self.query_values.get("kind"):
            entries = entries.filter(kind=kind)
        return entries.select_related("reverses")
