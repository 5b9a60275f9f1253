"""API endpoints for comparisons."""

import uuid

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api_errors import raises
from accounts.api_input import ApiView, body_of
from accounts.models import Scope
from accounts.requests import current_user, key_of
from billing.api import IDEMPOTENCY_KEY
from billing.idempotency import REPLAYED, Once, idempotent
from billing.keys.usage import DailyLimitReached, TooManyKeyOrders
from billing.services import InsufficientFunds, check_unused
from predictions.api.orders import ORDER_LIMITS
from predictions.api.serializers import ComparisonOrderSerializer, ComparisonSerializer, LabelSerializer
from predictions.catalog import ModelUnavailable
from predictions.models import Comparison
from predictions.orders.comparisons import cancel_comparison, order_comparison
from predictions.orders.labels import rename_comparison
from predictions.orders.predictions import NotCancelable, TooManyOrders
from predictions.selectors import get_comparison_or_404, order_with_key


class ComparisonsView(ApiView, generics.GenericAPIView[Comparison]):
    key_scopes = {"POST": Scope.PREDICT}
    limits = {"POST": ORDER_LIMITS}
    body = ComparisonOrderSerializer
    serializer_class = ComparisonOrderSerializer
    queryset = Comparison.objects.none()

    @extend_schema(
        summary=_("Order a comparison"),
        description=_("Buys a prediction of the same applicant from every model on sale, at one price."),
        request=ComparisonOrderSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={
            202: OpenApiResponse(ComparisonSerializer, _("Paid and queued. `Location` is its address."))
        },
    )
    @raises(InsufficientFunds, DailyLimitReached, TooManyKeyOrders, ModelUnavailable, TooManyOrders)
    @idempotent()
    def post(self, request: Request, once: Once) -> Response:
        user, order = current_user(request), self.read_body(request)
        repeated = order_with_key(user, once.request_key) is not None
        pk = order_comparison(user=user, request_key=once.request_key, api_key=key_of(request), **order).pk
        headers = {"Location": reverse("api:comparison", [pk], request=request)}
        if repeated:
            headers |= REPLAYED
        data = body_of(ComparisonSerializer, get_comparison_or_404(user, pk))
        return Response(data, status.HTTP_202_ACCEPTED, headers=headers)


class ComparisonView(ApiView):
    key_scopes = {"GET": Scope.READ, "PATCH": Scope.PREDICT}
    body = LabelSerializer

    @extend_schema(
        summary=_("Get a comparison"),
        description=_("The comparison with all its predictions."),
        responses={200: OpenApiResponse(ComparisonSerializer, _("The comparison."))},
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(body_of(ComparisonSerializer, get_comparison_or_404(current_user(request), pk)))

    @extend_schema(
        summary=_("Rename a comparison"),
        description=_("Changes the label of the comparison and of all its predictions."),
        request=LabelSerializer,
        responses={200: OpenApiResponse(ComparisonSerializer, _("The comparison."))},
    )
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change the label of the comparison and of all its parts."""
        user = current_user(request)
        rename_comparison(get_comparison_or_404(user, pk), self.read_body(request)["label"])
        return Response(body_of(ComparisonSerializer, get_comparison_or_404(user, pk)))


class CancelView(ApiView):
    key_scopes = {"POST": Scope.PREDICT}

    @extend_schema(
        summary=_("Cancel a comparison"),
        description=_("Cancels and refunds the predictions that are still queued; the others continue."),
        request=None,
        responses={200: OpenApiResponse(ComparisonSerializer, _("The comparison."))},
        parameters=[IDEMPOTENCY_KEY],
    )
    @raises(NotCancelable)
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID, once: Once) -> Response:
        user = current_user(request)
        check_unused(user, once.request_key)
        cancel_comparison(get_comparison_or_404(user, pk))
        return Response(body_of(ComparisonSerializer, get_comparison_or_404(user, pk)))
