"""API endpoint of the decision policy."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_errors import raises
from accounts.api_input import ApiView, NoBody, body_of
from accounts.models import Scope
from accounts.requests import current_user, key_of
from predictions.api.serializers import PolicySerializer
from predictions.models import policy_of
from predictions.results.decisions import remove_policy, save_policy


class DecisionPolicyView(ApiView):
    key_scopes = {"GET": Scope.READ, "PUT": Scope.PREDICT, "DELETE": Scope.PREDICT}
    body = PolicySerializer

    @extend_schema(
        summary=_("Get the decision policy"),
        description=_("The thresholds of the account. Without a policy the answer is 404."),
        responses={200: OpenApiResponse(PolicySerializer, _("The policy."))},
    )
    @raises(NotFound)
    def get(self, request: Request) -> Response:
        policy = policy_of(current_user(request))
        if policy is None:
            raise NotFound
        return Response(body_of(PolicySerializer, policy))

    @extend_schema(
        summary=_("Set the decision policy"),
        description=_(
            "`decision` of a prediction follows your thresholds, for earlier results too. A file "
            "keeps the thresholds at payment. The service itself never decides."
        ),
        request=PolicySerializer,
        responses={200: OpenApiResponse(PolicySerializer, _("The policy."))},
    )
    @raises(fields=("above_approve_from",))
    def put(self, request: Request) -> Response:
        policy = save_policy(current_user(request), **self.read_body(request), api_key=key_of(request))
        return Response(body_of(PolicySerializer, policy))

    @extend_schema(
        summary=_("Remove the decision policy"),
        description=_("Predictions have no decision then."),
        request=None,
        responses={204: OpenApiResponse(description=_("There is no policy now."))},
    )
    def delete(self, request: Request) -> Response:
        self.read_body(request, NoBody)
        remove_policy(current_user(request), key_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
