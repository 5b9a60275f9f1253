"""API endpoints of a result: explanation, what-if, curves, verification."""

import uuid
from dataclasses import replace
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_errors import raises
from accounts.api_input import ApiView, ReadQuota, body_of
from accounts.models import Scope
from accounts.requests import current_user
from accounts.throttling import TooManyAttempts
from predictions import limits, tasks
from predictions.api.applicants import ApplicantField
from predictions.api.result_serializers import (
    ChangesSerializer,
    CurveQuery,
    CurveSerializer,
    ExplanationSerializer,
    PendingSerializer,
    VerificationSerializer,
    WhatIfSerializer,
)
from predictions.models import Prediction
from predictions.results import explanations, what_if
from predictions.results.explanations import TooManyExplanations
from predictions.results.what_if import ArtifactUnavailable, NotFinished, WhatIfLimitReached
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
        summary=_("Explain a prediction"),
        description=_(
            "The effect of each field, and the reasons that lower the probability most. Computed "
            "on the first request; until then, 202 with `Retry-After`."
        ),
        responses={
            200: OpenApiResponse(ExplanationSerializer, _("The explanation.")),
            202: OpenApiResponse(PendingSerializer, _("In progress. Ask again.")),
        },
    )
    @raises(TooManyExplanations, ArtifactUnavailable)
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
            data = body_of(PendingSerializer, prediction)
            return Response(data, status.HTTP_202_ACCEPTED, headers={"Retry-After": "1"})
        answer = {
            "base": explanation.base,
            "approval_probability": explanation.approval_probability,
            # What moves nothing is 0, not the error of a sum of floats. The sum holds to the 14th decimal.
            "contributions": [
                replace(part, contribution=round(part.contribution, 15)) for part in explanation.contributions
            ],
            "reasons": explanations.reasons_of(prediction, explanation),
        }
        return Response(body_of(ExplanationSerializer, answer))


class WhatIfView(ApiView):
    key_scopes = {"POST": Scope.PREDICT}
    limits = {"POST": WHAT_IF_LIMITS}
    body = ChangesSerializer

    @extend_schema(
        summary=_("Ask what if"),
        description=_(
            "The probability of a changed application, free of charge. `goal` also finds how much less "
            "would have to be borrowed to reach a probability."
        ),
        request=ChangesSerializer,
        responses={200: OpenApiResponse(WhatIfSerializer, _("The changed application and its probability."))},
    )
    @raises(
        *(NotFinished, ArtifactUnavailable, TooManyAttempts, WhatIfLimitReached),
        fields=("not_actionable", *ApplicantField.error_codes),
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user, query = current_user(request), self.read_body(request)
        prediction = get_prediction_or_404(user, pk)
        changes = query.get("changes", {})
        answer: dict[str, Any] = {}
        if "goal" in query:
            result, answer["cut"] = what_if.ask_with_goal(user, prediction, changes, query["goal"])
        else:
            result = what_if.ask_what_if(user, prediction, changes)
        answer |= {
            "applicant": result.applicant,
            "approval_probability": result.approval_probability,
            "certain": result.certain,
        }
        return Response(body_of(WhatIfSerializer, answer))


class CurveView(ApiView):
    limits = {"GET": WHAT_IF_LIMITS}
    query = CurveQuery

    @extend_schema(
        summary=_("Get the curve of a field"),
        description=_("The probability for other values of one field, all else unchanged."),
        parameters=[CurveQuery],
        responses={200: OpenApiResponse(CurveSerializer, _("The points of the curve."))},
    )
    @raises(NotFinished, ArtifactUnavailable, TooManyAttempts)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        user, field = current_user(request), self.query_values["field"]
        points = what_if.ice_curves(user, get_prediction_or_404(user, pk), [field])[field]
        return Response(body_of(CurveSerializer, {"field": field, "points": points}))


class CheckView(ApiView):
    # A check changes nothing.
    key_scopes = {"POST": Scope.READ}
    limits = {"POST": WHAT_IF_LIMITS}

    @extend_schema(
        summary=_("Verify a prediction"),
        description=_("Computes a finished prediction again, with the model version that was sold."),
        request=None,
        responses={200: OpenApiResponse(VerificationSerializer, _("Whether the result is the same."))},
    )
    @raises(NotFinished, ArtifactUnavailable, TooManyAttempts)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        return Response(
            body_of(VerificationSerializer, what_if.verify(user, get_prediction_or_404(user, pk)))
        )
