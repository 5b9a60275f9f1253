"""API endpoints of a result: explanation, what-if, curves, verification."""

import uuid

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import current_user
from predictions import tasks
from predictions.api.result_serializers import (
    ChangesSerializer,
    CurveQuerySerializer,
    CurveSerializer,
    ExplanationSerializer,
    VerificationSerializer,
    WhatIfSerializer,
)
from predictions.models import Prediction
from predictions.results import explanations, what_if
from predictions.selectors import get_prediction_or_404


class ExplanationView(APIView):
    @extend_schema(
        responses={
            200: ExplanationSerializer,
            202: OpenApiResponse(description="being computed: try again"),
        }
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        prediction = get_prediction_or_404(current_user(request), pk)
        if not prediction.is_pending and prediction.status != Prediction.Status.SUCCEEDED:
            raise Http404
        explanation = explanations.explanation_of(prediction)
        if explanation is None:
            tasks.request_explanations([prediction])
            if explanations.has_failed(prediction):
                raise what_if.ArtifactUnavailable
            return Response(
                {"status": prediction.status}, status.HTTP_202_ACCEPTED, headers={"Retry-After": "1"}
            )
        answer = {
            "base": explanation.base,
            "approval_probability": explanation.approval_probability,
            "contributions": explanation.contributions,
            "reasons": explanations.reasons_of(prediction, explanation),
        }
        return Response(ExplanationSerializer(answer).data)


class WhatIfView(APIView):
    @extend_schema(request=ChangesSerializer, responses=WhatIfSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        form = ChangesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user, query = current_user(request), form.validated_data
        prediction = get_prediction_or_404(user, pk)
        result = what_if.ask_what_if(user, prediction, query.get("changes", {}))
        probability = result.approval_probability
        answer = {
            "applicant": result.applicant,
            "approval_probability": probability,
            "default_probability": 1 - probability,
        }
        if "goal" in query:
            answer["cut"] = what_if.smallest_reduction(user, prediction, query["goal"])
        return Response(WhatIfSerializer(answer).data)


class CurveView(APIView):
    @extend_schema(parameters=[CurveQuerySerializer], responses=CurveSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        form = CurveQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        user, field = current_user(request), form.validated_data["field"]
        points = what_if.ice_curves(user, get_prediction_or_404(user, pk), [field])[field]
        return Response(CurveSerializer({"field": field, "points": points}).data)


class CheckView(APIView):
    @extend_schema(request=None, responses=VerificationSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        return Response(VerificationSerializer(what_if.verify(user, get_prediction_or_404(user, pk))).data)
