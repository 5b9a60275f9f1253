"""API endpoints of a result: explanation, what-if, curves, verification."""

import uuid
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_input import ApiView, ReadQuota
from accounts.requests import current_user
from predictions import limits, tasks
from predictions.api.result_serializers import (
    ChangesSerializer,
    CurveQuery,
    CurveSerializer,
    ExplanationSerializer,
    VerificationSerializer,
    WhatIfSerializer,
)
from predictions.models import Prediction
from predictions.results import explanations, what_if
from predictions.results.what_if import ArtifactUnavailable
from predictions.selectors import get_prediction_or_404

WHAT_IF_LIMITS: tuple[ReadQuota, ...] = (
    (what_if.WHAT_IF.name, lambda request: what_if.minute_left(current_user(request))),
)
EXPLANATION_LIMITS: tuple[ReadQuota, ...] = (
    (limits.EXPLANATIONS, lambda request: limits.explanations_left(current_user(request))),
)


class ExplanationView(ApiView):
    limits = {"GET": EXPLANATION_LIMITS}

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
            # As it was before the request, which has it tried again.
            if explanations.has_failed(prediction):
                raise ArtifactUnavailable
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


class WhatIfView(ApiView):
    limits = {"POST": WHAT_IF_LIMITS}
    body = ChangesSerializer

    @extend_schema(request=ChangesSerializer, responses=WhatIfSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user, query = current_user(request), self.read_body(request)
        prediction = get_prediction_or_404(user, pk)
        changes = query.get("changes", {})
        answer: dict[str, Any] = {}
        if "goal" in query:
            result, answer["cut"] = what_if.ask_with_goal(user, prediction, changes, query["goal"])
        else:
            result = what_if.ask_what_if(user, prediction, changes)
        answer |= {"applicant": result.applicant, "approval_probability": result.approval_probability}
        return Response(WhatIfSerializer(answer).data)


class CurveView(ApiView):
    limits = {"GET": WHAT_IF_LIMITS}
    query = CurveQuery

    @extend_schema(parameters=[CurveQuery], responses=CurveSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        user, field = current_user(request), self.query_values["field"]
        points = what_if.ice_curves(user, get_prediction_or_404(user, pk), [field])[field]
        return Response(CurveSerializer({"field": field, "points": points}).data)


class CheckView(ApiView):
    limits = {"POST": WHAT_IF_LIMITS}

    @extend_schema(request=None, responses=VerificationSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        return Response(VerificationSerializer(what_if.verify(user, get_prediction_or_404(user, pk))).data)
