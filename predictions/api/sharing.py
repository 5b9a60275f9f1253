"""API endpoints that show a result to others: its links, its PDF, and where anybody verifies a PDF."""

import uuid
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api import PublicView
from accounts.api_errors import raises
from accounts.api_input import ApiView, Body, BooleanField, WholeNumberField, body_of
from accounts.models import Scope
from accounts.requests import client_network, current_user
from accounts.throttling import TooManyAttempts, take
from predictions import tasks
from predictions.api import examples
from predictions.api.batches import FileView
from predictions.api.result_serializers import PendingSerializer
from predictions.api.results import EXPLANATION_LIMITS
from predictions.api.serializers import DefaultProbabilityField, ProbabilityField
from predictions.downloads import pdf_download
from predictions.formats.applicants import reason_text
from predictions.models import ResultDocument, ShareLink
from predictions.results import explanations
from predictions.results.documents import (
    VERIFICATIONS,
    DocumentFailed,
    TooManyDocuments,
    document_of,
    find_by_code,
)
from predictions.results.explanations import TooManyExplanations
from predictions.results.sharing import LIFETIMES, TooManyLinks, create_link, revoke_link
from predictions.results.what_if import NotFinished
from predictions.selectors import get_prediction_or_404


class LifetimeField(WholeNumberField):
    """One of the numbers of days for which there are links."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid_choice": _("Choose one of: {choices}.")}

    def to_internal_value(self, data: Any) -> int:
        days = super().to_internal_value(data)
        if days not in LIFETIMES:
            self.fail("invalid_choice", choices=", ".join(map(str, LIFETIMES)))
        return days


class LinkOrderSerializer(Body[ShareLink]):
    example: ClassVar = examples.LINK_ORDER
    days = LifetimeField(help_text=_("Days until it expires: 1, 7, 30 or 90."))
    with_details = BooleanField(
        default=False, help_text=_("Whether it shows the application details and the reasons, too.")
    )


class LinkSerializer(serializers.ModelSerializer[ShareLink]):
    example: ClassVar = examples.LINK
    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = ShareLink
        fields: ClassVar[tuple[str, ...]] = ("id", "with_details", "created_at", "expires_at")
        read_only_fields = fields


class NewLinkSerializer(LinkSerializer):
    """Represents a `ShareLink` with its address in `url`, which no other answer has."""

    example: ClassVar = examples.NEW_LINK
    url = serializers.URLField(
        read_only=True, help_text=_("Where anybody reads the result. It is not shown again.")
    )

    class Meta(LinkSerializer.Meta):
        fields = (*LinkSerializer.Meta.fields, "url")
        read_only_fields = fields


class LinkPageSerializer(serializers.Serializer[Any]):
    """All links of a result as one page, in the format of all lists."""

    example: ClassVar = examples.LINKS
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = LinkSerializer(many=True)


class DocumentSerializer(serializers.ModelSerializer[ResultDocument]):
    """What is told to anybody who has the code: no fact of the application."""

    example: ClassVar = examples.DOCUMENT
    model = serializers.CharField(source="prediction.model.slug", read_only=True)
    model_version = serializers.CharField(source="prediction.model_version", read_only=True)
    approval_probability = ProbabilityField(source="prediction.approval_probability", read_only=True)
    default_probability = DefaultProbabilityField(source="prediction.approval_probability", read_only=True)
    finished_at = serializers.DateTimeField(source="prediction.finished_at", read_only=True)

    class Meta:
        model = ResultDocument
        fields = (
            *("code", "sha256", "language", "model", "model_version"),
            *("approval_probability", "default_probability", "finished_at"),
        )
        read_only_fields = fields


class LinksView(ApiView):
    key_scopes = {"GET": Scope.READ, "POST": Scope.PREDICT}
    body = LinkOrderSerializer

    @extend_schema(
        summary=_("List the links of a prediction"),
        description=_("The links that work, newest first. Their addresses are not stored."),
        responses={200: OpenApiResponse(LinkPageSerializer, _("All links on one page."))},
        operation_id="predictions_links_list",
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        prediction = get_prediction_or_404(current_user(request), pk)
        links = prediction.share_links.working().order_by("-pk")
        return Response(body_of(LinkPageSerializer, {"next": None, "previous": None, "results": links}))

    @extend_schema(
        summary=_("Make a link to a prediction"),
        description=_(
            "Anybody who has the link reads the result, without an account, until it expires or is revoked. "
            "The answer has its address in `url`, which is not shown again."
        ),
        request=LinkOrderSerializer,
        responses={201: OpenApiResponse(NewLinkSerializer, _("The link."))},
    )
    @raises(NotFinished, TooManyLinks)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        sent = self.read_body(request)
        link, token = create_link(get_prediction_or_404(current_user(request), pk), **sent)
        url = reverse("predictions:shared", [token], request=request)
        body = {**body_of(LinkSerializer, link), "url": url}
        return Response(body, status.HTTP_201_CREATED)


class LinkView(ApiView):
    key_scopes = {"DELETE": Scope.PREDICT}

    @extend_schema(
        summary=_("Revoke a link"),
        description=_("The link does not work from now on."),
        request=None,
        responses={204: OpenApiResponse(description=_("It is revoked."))},
    )
    def delete(self, request: Request, pk: uuid.UUID, link: uuid.UUID) -> Response:
        if not revoke_link(get_prediction_or_404(current_user(request), pk), link):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class PredictionDocumentView(FileView):
    limits = {"GET": EXPLANATION_LIMITS}

    @extend_schema(
        summary=_("Download the PDF of a prediction"),
        description=_(
            "In the language of `Accept-Language`, with a code by which anybody verifies it. It has the "
            "reasons: until they are computed, the answer is 202 with `Retry-After`. The same file is "
            "given again until the label changes."
        ),
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, _("The PDF.")),
            202: OpenApiResponse(PendingSerializer, _("The reasons are being computed. Ask again.")),
        },
    )
    @raises(
        *(NotFinished, TooManyExplanations, TooManyAttempts, TooManyDocuments, DocumentFailed),
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse | Response:
        user = current_user(request)
        prediction = get_prediction_or_404(user, pk)
        if prediction.approval_probability is None:
            raise NotFinished
        reasons = None
        if explanation := explanations.explanation_of(prediction):
            reasons = [reason_text(reason) for reason in explanations.reasons_of(prediction, explanation)]
        else:
            tasks.request_explanations([prediction])
            # As it was before the request, which has it tried again.
            if not explanations.has_failed(prediction):
                data = body_of(PendingSerializer, prediction)
                return Response(data, status.HTTP_202_ACCEPTED, headers={"Retry-After": "1"})
        return pdf_download(document_of(user, prediction, reasons))


class DocumentView(PublicView):
    @extend_schema(
        summary=_("Verify a document"),
        description=_(
            "What the PDF with this code says, if we handed one out; otherwise the answer is 404. It is "
            "genuine if its SHA-256 is `sha256`."
        ),
        responses={200: OpenApiResponse(DocumentSerializer, _("The document."))},
    )
    @raises(TooManyAttempts)
    def get(self, request: Request, code: str) -> Response:
        take(VERIFICATIONS, client_network(request))
        document = find_by_code(code)
        if document is None:
            raise Http404
        return Response(body_of(DocumentSerializer, document))
