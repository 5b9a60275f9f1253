"""All models on one applicant, for programs."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.access import signed_in
from billing.api import IDEMPOTENCY_KEY
from billing.idempotency import idempotent
from predictions.access import comparison_of
from predictions.api.serializers import ComparisonOrderSerializer, ComparisonSerializer
from predictions.comparing import cancel_comparison, order_comparison
from predictions.models import Comparison


class ComparisonsView(generics.GenericAPIView[Comparison]):
    serializer_class = ComparisonOrderSerializer
    queryset = Comparison.objects.none()

    @extend_schema(
        request=ComparisonOrderSerializer, parameters=[IDEMPOTENCY_KEY], responses={202: ComparisonSerializer}
    )
    @idempotent
    def post(self, request: Request, request_key: str) -> Response:
        form = ComparisonOrderSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = signed_in(request)
        pk = order_comparison(user=user, request_key=request_key, **form.validated_data).pk
        headers = {"Location": reverse("api:comparison", [pk], request=request)}
        answer = ComparisonSerializer(comparison_of(user, pk)).data
        return Response(answer, status.HTTP_202_ACCEPTED, headers=headers)


class ComparisonView(APIView):
    @extend_schema(responses=ComparisonSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(ComparisonSerializer(comparison_of(signed_in(request), pk)).data)


class CancelView(APIView):
    """What has begun goes on; the other parts are refunded."""

    @extend_schema(request=None, responses=ComparisonSerializer, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: uuid.UUID, request_key: str) -> Response:
        user = signed_in(request)
        cancel_comparison(comparison_of(user, pk))
        return Response(ComparisonSerializer(comparison_of(user, pk)).data)
