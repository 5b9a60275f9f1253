"""What programs may do with a bought result: explanation, what if, curves, check again."""

import uuid

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from predictions import explaining, exploring, tasks
from predictions.access import prediction_of
from predictions.api.serializers import (
    ChangesSerializer,
    CheckSerializer,
    CurveQuerySerializer,
    CurveSerializer,
    ExplanationSerializer,
    WhatIfSerializer,
)
from predictions.models import Prediction


class ExplanationView(APIView):
    @extend_schema(
        responses={
            200: ExplanationSerializer,
            202: OpenApiResponse(description="it is being made: ask again"),
        }
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        prediction = prediction_of(signed_in(request), pk)
        if not prediction.is_pending and prediction.status != Prediction.Status.SUCCEEDED:
            raise Http404
        explanation = explaining.explanation_of(prediction)
        if explanation is None:
            tasks.ask_for_explanations([prediction])
            if explaining.has_failed(prediction):
                raise exploring.ArtifactGone
            return Response(
                {"status": prediction.status}, status.HTTP_202_ACCEPTED, headers={"Retry-After": "1"}
            )
        return Response(ExplanationSerializer(explanation).data)


class WhatIfView(APIView):
    @extend_schema(request=ChangesSerializer, responses=WhatIfSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        form = ChangesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user, asked = signed_in(request), form.validated_data
        prediction = prediction_of(user, pk)
        result = exploring.what_if(user, prediction, asked.get("changes", {}))
        probability = result.approval_probability
        answer = {
            "applicant": result.applicant,
            "approval_probability": probability,
            "default_probability": 1 - probability,
        }
        if "goal" in asked:
            answer["cut"] = exploring.smallest_cut(user, prediction, asked["goal"])
        return Response(WhatIfSerializer(answer).data)


class CurveView(APIView):
    @extend_schema(parameters=[CurveQuerySerializer], responses=CurveSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        form = CurveQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        user, field = signed_in(request), form.validated_data["field"]
        points = exploring.curves(user, prediction_of(user, pk), [field])[field]
        return Response(CurveSerializer({"field": field, "points": points}).data)


class CheckView(APIView):
    @extend_schema(request=None, responses=CheckSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user = signed_in(request)
        return Response(CheckSerializer(exploring.check_again(user, prediction_of(user, pk))).data)
