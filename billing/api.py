"""API endpoints for the balance, top-ups and ledger entries."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_errors import raises
from accounts.api_input import ApiView, Body, ChoiceField, body_of
from accounts.models import Scope, User
from accounts.pagination import KeysetPagination, PageQuery
from accounts.requests import current_user
from billing import services
from billing.idempotency import MAX_LENGTH, REPLAYED, Once, idempotent
from billing.models import Entry, Wallet
from billing.money import to_text, top_up_amount
from billing.pagination import ENTRIES_NEWEST_FIRST
from billing.payments import PaymentDeclined

# 40 digits are more than any amount has, and few enough for exact arithmetic.
AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[ -~]+$", "minLength": 1, "maxLength": MAX_LENGTH},
    OpenApiParameter.HEADER,
    description=_(
        "A name of your choice for this request, such as a UUID. A repeated request with the same key and "
        "body returns the first response, with `Idempotent-Replayed: true`; money moves once. The same key "
        "with another body is 422."
    ),
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
    example: ClassVar = {"balance": "9900.00", "currency": "USD"}

    class Meta:
        model = Wallet
        fields = ["balance", "currency"]


class MeSerializer(serializers.ModelSerializer[User]):
    balance = MoneyField(source="wallet.balance", read_only=True)
    currency = CurrencyField()
    example: ClassVar = {
        "id": "c1f59780-127a-426f-9c4d-29cf3d5a73f7",
        "username": "anna",
        "email": "anna@example.com",
        "balance": "9900.00",
        "currency": "USD",
    }

    class Meta:
        model = User
        fields = ["id", "username", "email", "balance", "currency"]


ENTRY_EXAMPLE = {
    "id": "19055d4e-5dc0-41af-be37-e726e1969cad",
    "kind": "top_up",
    "amount": "25.00",
    "balance_after": "9925.00",
    "currency": "USD",
    "reverses": None,
    "note": "test-6be42ed4aa4a",
    "created_at": "2027-01-31T05:15:25.803170Z",
}


class EntrySerializer(serializers.ModelSerializer[Entry]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    amount = MoneyField(read_only=True)
    balance_after = MoneyField(read_only=True)
    currency = CurrencyField()
    reverses = serializers.UUIDField(
        source="reverses.public_id",
        read_only=True,
        allow_null=True,
        default=None,
        help_text=_("The charge that this refund pays back."),
    )
    example: ClassVar = ENTRY_EXAMPLE

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
    error_codes: ClassVar = ("max_decimal_places", "min_value", "max_value")
    # Returns minor units. Raises Django's `ValidationError`.
    read_amount: Callable[[Decimal], int] = staticmethod(top_up_amount)

    def to_internal_value(self, data: Any) -> int:
        text = repr(data) if isinstance(data, int | float) and not isinstance(data, bool) else data
        if not isinstance(text, str) or (text is data and not AMOUNT.fullmatch(text)):
            self.fail("invalid")
        try:
            return self.read_amount(Decimal(text))
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, error.code) from error


class TopUpSerializer(Body[Entry]):
    example: ClassVar = {"amount": "25.00"}
    amount = AmountField(help_text=_("From 0.01 to 100,000.00, with up to two decimals, as text or number."))


class EntryQuery(PageQuery[Entry]):
    kind = ChoiceField(
        choices=Entry.Kind.choices,
        required=False,
        allow_blank=True,
        help_text=_("Only transactions of this kind."),
    )


class MeView(ApiView):
    @extend_schema(
        summary=_("Get your account"),
        description=_("The user that the access token belongs to, and the balance."),
        responses={200: OpenApiResponse(MeSerializer, _("The user."))},
    )
    def get(self, request: Request) -> Response:
        return Response(body_of(MeSerializer, services.wallet_of(current_user(request)).user))


class BalanceView(ApiView):
    @extend_schema(
        summary=_("Get the balance"),
        description=_("What can be spent now."),
        responses={200: OpenApiResponse(WalletSerializer, _("The balance."))},
    )
    def get(self, request: Request) -> Response:
        return Response(body_of(WalletSerializer, services.wallet_of(current_user(request))))


class TopUpsView(ApiView):
    key_scopes = {"POST": Scope.PAY}
    body = TopUpSerializer

    @extend_schema(
        summary=_("Add money"),
        description=_("Takes a payment and adds it to the balance."),
        request=TopUpSerializer,
        responses={201: OpenApiResponse(EntrySerializer, _("The transaction."))},
        parameters=[IDEMPOTENCY_KEY],
    )
    @raises(PaymentDeclined)
    @idempotent()
    def post(self, request: Request, once: Once) -> Response:
        user, amount = current_user(request), self.read_body(request)["amount"]
        headers = REPLAYED if services.top_up_with_key(user, once.request_key) else None
        entry = services.top_up(user=user, amount=amount, request_key=once.request_key)
        return Response(body_of(EntrySerializer, entry), status.HTTP_201_CREATED, headers=headers)


@extend_schema(
    summary=_("List transactions"),
    description=_("Every movement of money on the account, newest first."),
    parameters=[EntryQuery],
    responses={200: OpenApiResponse(EntrySerializer(many=True), _("A page of transactions."))},
)
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
