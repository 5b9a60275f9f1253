"""API endpoints for comparisons."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api_input import ApiView
from accounts.requests import current_user
from billing.api import IDEMPOTENCY_KEY
from billing.idempotency import REPLAYED, Once, idempotent
from billing.services import check_unused
from predictions.api.orders import ORDER_LIMITS
from predictions.api.serializers import ComparisonOrderSerializer, ComparisonSerializer, LabelSerializer
from predictions.models import Comparison
from predictions.orders.comparisons import cancel_comparison, order_comparison
from predictions.orders.labels import rename_comparison
from predictions.selectors import get_comparison_or_404, order_with_key


class ComparisonsView(ApiView, generics.GenericAPIView[Comparison]):
    limits = {"POST": ORDER_LIMITS}
    body = ComparisonOrderSerializer
    serializer_class = ComparisonOrderSerializer
    queryset = Comparison.objects.none()

    @extend_schema(
        request=ComparisonOrderSerializer, parameters=[IDEMPOTENCY_KEY], responses={202: ComparisonSerializer}
    )
    @idempotent()
    def post(self, request: Request, once: Once) -> Response:
        user, order = current_user(request), self.read_body(request)
        repeated = order_with_key(user, once.request_key) is not None
        pk = order_comparison(user=user, request_key=once.request_key, **order).pk
        headers = {"Location": reverse("api:comparison", [pk], request=request)}
        if repeated:
            headers |= REPLAYED
        data = ComparisonSerializer(get_comparison_or_404(user, pk)).data
        return Response(data, status.HTTP_202_ACCEPTED, headers=headers)


class ComparisonView(ApiView):
    body = LabelSerializer

    @extend_schema(responses=ComparisonSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(ComparisonSerializer(get_comparison_or_404(current_user(request), pk)).data)

    @extend_schema(request=LabelSerializer, responses=ComparisonSerializer)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change the label of the comparison and of all its parts."""
        user = current_user(request)
        rename_comparison(get_comparison_or_404(user, pk), self.read_body(request)["label"])
        return Response(ComparisonSerializer(get_comparison_or_404(user, pk)).data)


class CancelView(ApiView):
    """Cancels and refunds the queued parts; the other parts continue."""

    @extend_schema(request=None, responses=ComparisonSerializer, parameters=[IDEMPOTENCY_KEY])
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID, once: Once) -> Response:
        user = current_user(request)
        check_unused(user, once.request_key)
        cancel_comparison(get_comparison_or_404(user, pk))
        return Response(ComparisonSerializer(get_comparison_or_404(user, pk)).data)
