"""API endpoints for the catalog and predictions."""

import re
import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api import PublicView
from accounts.api_errors import raises
from accounts.api_input import ApiView, ReadQuota, body_of
from accounts.keyset import NEWEST_FIRST
from accounts.models import Scope
from accounts.pagination import KeysetPagination
from accounts.requests import current_user, key_of
from billing.api import IDEMPOTENCY_KEY
from billing.idempotency import REPLAYED, InvalidIdempotencyKey, Once, idempotent
from billing.keys import usage
from billing.services import InsufficientFunds, RequestKeyReused, check_unused
from predictions import catalog, limits
from predictions.api.serializers import (
    LabelSerializer,
    OfferPageSerializer,
    OfferSerializer,
    OrderSerializer,
    PredictionQuery,
    PredictionSerializer,
)
from predictions.catalog import ModelSwitchedOff, ModelUnavailable
from predictions.models import Prediction, ScoringModel, policy_of
from predictions.orders.labels import rename_prediction
from predictions.orders.predictions import (
    NotCancelable,
    Order,
    TooManyOrders,
    cancel_prediction,
    order_prediction,
)
from predictions.selectors import get_prediction_or_404, owned, wait_for_result

MAX_WAIT_SECONDS = 10
# Of one preference: names ignore case, a value may be quoted, parameters may follow.
WAIT = re.compile(r"""\s*wait\s*=\s*("?)([0-9]{1,9})\1\s*(;|$)""", re.IGNORECASE)
PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description=_("`wait=N`: wait for the result for at most N seconds, up to 10."),
)


# Of what orders, for a key, and for its user too.
KEY_LIMITS: tuple[ReadQuota, ...] = ((usage.KEY_ORDERS, lambda request: usage.orders_left(key_of(request))),)
ORDER_LIMITS: tuple[ReadQuota, ...] = (
    (limits.ORDERS, lambda request: limits.orders_left(current_user(request))),
    *KEY_LIMITS,
)


class ModelsView(PublicView):
    @extend_schema(
        summary=_("List models"),
        description=_("No access token is needed."),
        responses={200: OpenApiResponse(OfferPageSerializer, _("All models on one page."))},
        operation_id="models_list",
    )
    def get(self, request: Request) -> Response:
        page = {"next": None, "previous": None, "results": catalog.offers()}
        return Response(body_of(OfferPageSerializer, page))


class ModelView(PublicView):
    @extend_schema(
        summary=_("Get a model"),
        description=_("Its price, version, and accuracy on data that it was not trained on."),
        responses={200: OpenApiResponse(OfferSerializer, _("The model."))},
    )
    def get(self, request: Request, slug: str) -> Response:
        model = get_object_or_404(ScoringModel, slug=slug, active=True)
        return Response(body_of(OfferSerializer, catalog.offer_of(model)))


class PredictionsView(ApiView, generics.ListAPIView[Prediction]):
    key_scopes = {"GET": Scope.READ, "POST": Scope.PREDICT}
    limits = {"POST": ORDER_LIMITS}
    body = OrderSerializer
    query = PredictionQuery
    pagination_class = KeysetPagination
    sort_order = NEWEST_FIRST
    queryset = Prediction.objects.none()
    # Not if the workers do not know of the order.
    _may_wait = True

    def get_serializer_class(self) -> type[OrderSerializer] | type[PredictionSerializer]:
        return OrderSerializer if self.request.method == "POST" else PredictionSerializer

    def get_queryset(self) -> QuerySet[Prediction]:
        rows = Prediction.objects.of(current_user(self.request)).with_links()
        if status := self.query_values.get("status"):
            rows = rows.with_status(status)
        if slug := self.query_values.get("model"):
            # By primary key, which is in the history's index; a join would read every row.
            rows = rows.filter(model__in=list(ScoringModel.objects.filter(slug=slug)))
        if decision := self.query_values.get("decision"):
            policy = policy_of(current_user(self.request))
            rows = rows.filter(policy.condition(decision)) if policy else rows.none()
        if outcome := self.query_values.get("outcome"):
            rows = rows.with_outcome(outcome)
        return rows

    def paginate_queryset(self, queryset: Any) -> Any:
        return owned(current_user(self.request), super().paginate_queryset(queryset) or [])

    @extend_schema(
        summary=_("List predictions"),
        description=_("All predictions of the account, newest first."),
        parameters=[PredictionQuery],
        responses={200: OpenApiResponse(PredictionSerializer(many=True), _("A page of predictions."))},
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary=_("Order a prediction"),
        description=_(
            "Charges the price of the model and queues the prediction. With `Prefer: wait=5` the answer "
            "comes with the result, usually at once. A prediction that fails is refunded."
        ),
        request=OrderSerializer,
        parameters=[IDEMPOTENCY_KEY, PREFER],
        responses={
            201: OpenApiResponse(PredictionSerializer, _("Finished within the time given by `Prefer`.")),
            202: OpenApiResponse(PredictionSerializer, _("Paid and queued. `Location` is its address.")),
        },
    )
    @raises(
        InvalidIdempotencyKey,
        RequestKeyReused,
        InsufficientFunds,
        usage.DailyLimitReached,
        usage.TooManyKeyOrders,
        ModelSwitchedOff,
        ModelUnavailable,
        TooManyOrders,
    )
    def post(self, request: Request) -> Response:
        response = self._sell(request)
        if wait := _preferred_wait(request):
            response["Preference-Applied"] = f"wait={wait}"
            if response.status_code == status.HTTP_202_ACCEPTED and self._may_wait:
                prediction = wait_for_result(current_user(request), uuid.UUID(response.data["id"]), wait)
                response.data, response.status_code = _body_and_status(prediction)
        return response

    @idempotent(look_first=False)
    def _sell(self, request: Request, once: Once) -> Response:
        def respond(order: Order) -> Response:
            body, code = _body_and_status(order.prediction)
            address = reverse("api:prediction", [order.prediction.pk], request=request)
            headers = {"Location": address, **(REPLAYED if order.repeated else {})}
            return Response(body, code, headers=headers)

        def record(order: Order) -> None:
            recorded.append(respond(order))
            # If the request waits, its response is the result.
            once.keep(recorded[0], is_final=not _preferred_wait(request))

        recorded: list[Response] = []
        bought = self.read_body(request)
        user = current_user(request)
        order = order_prediction(
            user=user, request_key=once.request_key, api_key=key_of(request), record=record, **bought
        )
        self._may_wait, self.quota = order.published, order.quota
        return respond(order) if order.repeated else recorded[0]


class PredictionView(ApiView):
    key_scopes = {"GET": Scope.READ, "PATCH": Scope.PREDICT}
    body = LabelSerializer

    @extend_schema(
        summary=_("Get a prediction"),
        description=_("Its probability is there when `status` is `succeeded`."),
        responses={200: OpenApiResponse(PredictionSerializer, _("The prediction."))},
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(body_of(PredictionSerializer, get_prediction_or_404(current_user(request), pk)))

    @extend_schema(
        summary=_("Rename a prediction"),
        description=_("Changes the label; an empty one removes it."),
        request=LabelSerializer,
        responses={200: OpenApiResponse(PredictionSerializer, _("The prediction."))},
    )
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        prediction = get_prediction_or_404(current_user(request), pk)
        rename_prediction(prediction, self.read_body(request)["label"])
        return Response(body_of(PredictionSerializer, prediction))


class CancelView(ApiView):
    key_scopes = {"POST": Scope.PREDICT}

    @extend_schema(
        summary=_("Cancel a prediction"),
        description=_("Cancels and refunds a prediction that is still queued."),
        request=None,
        responses={200: OpenApiResponse(PredictionSerializer, _("The prediction, canceled and refunded."))},
        parameters=[IDEMPOTENCY_KEY],
    )
    @raises(NotCancelable)
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID, once: Once) -> Response:
        user = current_user(request)
        check_unused(user, once.request_key)
        prediction = cancel_prediction(get_prediction_or_404(user, pk))
        return Response(body_of(PredictionSerializer, prediction))


def _body_and_status(prediction: Prediction) -> tuple[dict[str, Any], int]:
    code = status.HTTP_202_ACCEPTED if prediction.is_pending else status.HTTP_201_CREATED
    return body_of(PredictionSerializer, prediction), code


def _preferred_wait(request: Request) -> int:
    """Return N of ``Prefer: wait=N`` (RFC 7240), at most `MAX_WAIT_SECONDS`; 0 if missing or invalid."""
    for preference in request.headers.get("Prefer", "").split(","):
        if match := WAIT.match(preference):
            return min(int(match[2]), MAX_WAIT_SECONDS)
    return 0
