"""API endpoints for webhooks. They need a token or a session of the customer, never an API key."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_errors import raises
from accounts.api_input import ApiView, NoBody, body_of
from accounts.keyset import NEWEST_FIRST
from accounts.pagination import KeysetPagination, PageQuery
from accounts.requests import current_user
from accounts.throttling import TooManyAttempts
from accounts.webhooks import endpoints
from accounts.webhooks.addresses import AddressForbidden, HostNotAscii, InvalidUrl
from accounts.webhooks.endpoints import TooManyWebhooks, WebhookOff
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.serializers import (
    ChangedEndpoint,
    DeliverySerializer,
    EndpointSerializer,
    NewEndpoint,
    ReplayedSerializer,
    SecretSerializer,
    Window,
)


class EndpointView(ApiView):
    """A view of one endpoint of the user's."""

    key_scopes: ClassVar = {}

    def endpoint(self, pk: uuid.UUID) -> WebhookEndpoint:
        return get_object_or_404(endpoints.of(current_user(self.request)), pk=pk)

    def delivery(self, pk: uuid.UUID, delivery: uuid.UUID) -> WebhookDelivery:
        rows = self.endpoint(pk).deliveries.select_related("endpoint__user")
        return get_object_or_404(rows, pk=delivery)


class WebhooksView(ApiView, generics.ListAPIView[WebhookEndpoint]):
    key_scopes: ClassVar = {}
    query = PageQuery
    body = NewEndpoint
    serializer_class = EndpointSerializer
    pagination_class = KeysetPagination
    sort_order = NEWEST_FIRST
    queryset = WebhookEndpoint.objects.none()

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        return endpoints.of(current_user(self.request))

    @extend_schema(
        summary=_("List webhooks"),
        description=_("All webhooks of the account, newest first."),
        parameters=[PageQuery],
        responses={200: OpenApiResponse(EndpointSerializer(many=True), _("A page of webhooks."))},
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary=_("Add a webhook"),
        description=_("Registers an address that receives signed messages about events from now on."),
        request=NewEndpoint,
        responses={201: OpenApiResponse(SecretSerializer, _("The webhook with its `secret`."))},
    )
    @raises(TooManyWebhooks, InvalidUrl, HostNotAscii, AddressForbidden, TooManyAttempts)
    def post(self, request: Request) -> Response:
        sent = self.read_body(request)
        endpoint, secret = endpoints.create(current_user(request), url=sent["url"], types=sent["events"])
        return Response(_with_secret(endpoint, secret), status.HTTP_201_CREATED)


class WebhookView(EndpointView):
    body = ChangedEndpoint

    @extend_schema(
        summary=_("Get a webhook"),
        description=_("Its secret is not shown again."),
        responses={200: OpenApiResponse(EndpointSerializer, _("The webhook."))},
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(body_of(EndpointSerializer, self.endpoint(pk)))

    @extend_schema(
        summary=_("Change a webhook"),
        description=_("Changes the fields you send; the rest stays. Also switches the webhook on or off."),
        request=ChangedEndpoint,
        responses={200: OpenApiResponse(EndpointSerializer, _("The webhook."))},
    )
    @raises(InvalidUrl, HostNotAscii, AddressForbidden, TooManyAttempts)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        endpoint, sent = self.endpoint(pk), self.read_body(request)
        changed = endpoints.change(
            endpoint, url=sent.get("url"), types=sent.get("events"), active=sent.get("active")
        )
        return Response(body_of(EndpointSerializer, changed))

    @extend_schema(
        summary=_("Delete a webhook"),
        description=_("Nothing more is sent to it."),
        request=None,
        responses={204: OpenApiResponse(description=_("It is deleted."))},
    )
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        endpoint = self.endpoint(pk)
        self.read_body(request, NoBody)
        endpoints.delete(endpoint)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateView(EndpointView):
    @extend_schema(
        summary=_("Replace the secret"),
        description=_("For 24 hours messages are signed by the secret before, too."),
        request=None,
        responses={200: OpenApiResponse(SecretSerializer, _("The webhook with its new `secret`."))},
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        endpoint = self.endpoint(pk)
        return Response(_with_secret(endpoint, endpoints.rotate(endpoint)))


class TestView(EndpointView):
    @extend_schema(
        summary=_("Send a test"),
        description=_("Sends the event `ping` to this webhook, even without a subscription to it."),
        request=None,
        responses={202: OpenApiResponse(DeliverySerializer, _("The delivery, which is queued."))},
    )
    @raises(WebhookOff, TooManyAttempts)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        sent = endpoints.send_test(self.endpoint(pk))
        return Response(body_of(DeliverySerializer, sent), status.HTTP_202_ACCEPTED)


@extend_schema(
    summary=_("List deliveries"),
    description=_("What was sent to a webhook and what came back, newest first."),
    parameters=[PageQuery],
    responses={200: OpenApiResponse(DeliverySerializer(many=True), _("A page of deliveries."))},
)
class DeliveriesView(EndpointView, generics.ListAPIView[WebhookDelivery]):
    query = PageQuery
    serializer_class = DeliverySerializer
    pagination_class = KeysetPagination
    sort_order = NEWEST_FIRST
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        return self.endpoint(self.kwargs["pk"]).deliveries.all()


class DeliveryView(EndpointView):
    @extend_schema(
        summary=_("Get a delivery"),
        description=_("The last try, and the time of the next one."),
        responses={200: OpenApiResponse(DeliverySerializer, _("The delivery."))},
    )
    def get(self, request: Request, pk: uuid.UUID, delivery: uuid.UUID) -> Response:
        return Response(body_of(DeliverySerializer, self.delivery(pk, delivery)))


class ReplayView(EndpointView):
    @extend_schema(
        summary=_("Send a delivery again"),
        description=_("Sends it now, with the same `webhook-id`."),
        request=None,
        responses={202: OpenApiResponse(DeliverySerializer, _("The delivery, which is queued."))},
    )
    @raises(WebhookOff, TooManyAttempts)
    def post(self, request: Request, pk: uuid.UUID, delivery: uuid.UUID) -> Response:
        again = endpoints.replay(self.delivery(pk, delivery))
        return Response(body_of(DeliverySerializer, again), status.HTTP_202_ACCEPTED)


class ReplayFailedView(EndpointView):
    body = Window

    @extend_schema(
        summary=_("Resend failed events"),
        description=_("All deliveries of a time that have failed for good, up to 10,000 in one call."),
        request=Window,
        responses={202: OpenApiResponse(ReplayedSerializer, _("They are queued."))},
    )
    @raises(WebhookOff, TooManyAttempts)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        endpoint, sent = self.endpoint(pk), self.read_body(request)
        if "until" in sent and sent["until"] < sent["since"]:
            reason = ErrorDetail(str(_("The end is before the beginning.")), "invalid")
            raise ValidationError({"until": [reason]})
        replayed = endpoints.replay_failed(endpoint, sent["since"], sent.get("until"))
        return Response({"replayed": replayed}, status.HTTP_202_ACCEPTED)


def _with_secret(endpoint: WebhookEndpoint, secret: str) -> dict[str, Any]:
    return {**body_of(EndpointSerializer, endpoint), "secret": secret}
