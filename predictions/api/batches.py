"""API endpoints for files."""

import uuid
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api_errors import raises
from accounts.api_input import ApiView, Body, NoBody
from accounts.errors import RepeatedName
from accounts.keyset import NEWEST_FIRST
from accounts.models import Scope
from accounts.pagination import KeysetPagination
from accounts.requests import current_user, key_of
from accounts.throttling import TooManyAttempts
from billing.api import IDEMPOTENCY_KEY
from billing.idempotency import REPLAYED, InvalidIdempotencyKey, Once, idempotent
from billing.keys.usage import DailyLimitReached, TooManyKeyOrders
from billing.services import InsufficientFunds, RequestKeyReused, check_unused
from predictions.api.batch_serializers import BatchQuery, BatchSerializer, UploadSerializer, batch_body
from predictions.api.orders import KEY_LIMITS
from predictions.api.serializers import LabelSerializer
from predictions.batches import files
from predictions.batches.store import FilesDeleted, StorageFull
from predictions.catalog import ModelSwitchedOff, ModelUnavailable
from predictions.downloads import csv_download
from predictions.formats.languages import in_language
from predictions.models import Batch
from predictions.orders.batches import (
    NotDeletable,
    NotQuoted,
    QuoteExpired,
    VersionChanged,
    cancel_batch,
    confirm_batch,
    delete_batch,
    requote_batch,
)
from predictions.orders.labels import rename_batch, titled
from predictions.orders.predictions import NotCancelable, PriceChanged
from predictions.orders.uploads import (
    TooManyFiles,
    TooManyOpenFiles,
    upload_batch,
    uploaded_before,
)
from predictions.results.what_if import ArtifactUnavailable
from predictions.selectors import get_batch_or_404

DOWNLOAD_ERRORS = (files.NotFinished, FilesDeleted, TooManyAttempts)


class BatchesView(ApiView, generics.ListAPIView[Batch]):
    body = UploadSerializer
    query = BatchQuery
    key_scopes = {"GET": Scope.READ, "POST": Scope.PREDICT}
    # JSON cannot hold a file, and is told so.
    parser_classes = (MultiPartParser, *ApiView.parser_classes)
    serializer_class = BatchSerializer
    pagination_class = KeysetPagination
    sort_order = NEWEST_FIRST
    queryset = Batch.objects.none()

    def get_queryset(self) -> QuerySet[Batch]:
        rows, query = Batch.objects.of(current_user(self.request)), self.query_values
        if status := query.get("status"):
            rows = rows.with_status(status)
        if slug := query.get("model"):
            rows = rows.filter(model__slug=slug)
        if label := query.get("label"):
            rows = titled(rows, label)
        return rows.with_progress()

    @extend_schema(
        summary=_("List files"),
        description=_("All files of the account, newest first."),
        parameters=[BatchQuery],
        responses={200: OpenApiResponse(BatchSerializer(many=True), _("A page of files."))},
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary=_("Send a file"),
        description=_(
            "Stores a file of applications and checks it; nothing is charged. When `status` is `quoted`, it "
            "has a price, which is paid by `POST /api/v1/batches/{id}/confirm/`."
        ),
        request={"multipart/form-data": UploadSerializer},
        parameters=[IDEMPOTENCY_KEY],
        responses={
            201: OpenApiResponse(
                BatchSerializer,
                _("Being checked, or already quoted. `Location` is its address."),
            ),
        },
    )
    @raises(
        *(TooManyFiles, TooManyOpenFiles, StorageFull, ModelSwitchedOff, ModelUnavailable),
        *(InvalidIdempotencyKey, RequestKeyReused),
        fields=("empty", "too_large", "unusable_file"),
    )
    def post(self, request: Request) -> Response:
        try:
            return self._upload(request)
        finally:
            # Deletes at once what was refused.
            for file in chain.from_iterable(files for _name, files in request.FILES.lists()):
                file.close()

    @idempotent()
    def _upload(self, request: Request, once: Once) -> Response:
        user, sent = current_user(request), self.read_body(request)
        recompute = sent.pop("on_contradiction", "") == "recompute"
        key, fingerprint = once.request_key, once.fingerprint
        repeated = uploaded_before(user, key, fingerprint) is not None
        batch = upload_batch(user=user, recompute=recompute, upload_key=key, fingerprint=fingerprint, **sent)
        headers = {"Location": reverse("api:batch", [batch.pk], request=request)}
        if repeated:
            headers |= REPLAYED
        return Response(batch_body(request, batch), status.HTTP_201_CREATED, headers=headers)

    def read_body(self, request: Request, kind: type[Body[Any]] | None = None) -> dict[str, Any]:
        """Raises `RepeatedName` too."""
        if hasattr(request.data, "lists") and any(len(values) > 1 for _name, values in request.data.lists()):
            raise RepeatedName
        return super().read_body(request, kind)


class BatchView(ApiView):
    key_scopes = {"GET": Scope.READ, "PATCH": Scope.PREDICT, "DELETE": Scope.PREDICT}
    body = LabelSerializer

    @extend_schema(
        summary=_("Get a file"),
        description=_("Its status, progress and price."),
        responses={200: OpenApiResponse(BatchSerializer, _("The file."))},
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(batch_body(request, get_batch_or_404(current_user(request), pk)))

    @extend_schema(
        summary=_("Rename a file"),
        description=_("Changes the label; an empty one removes it."),
        request=LabelSerializer,
        responses={200: OpenApiResponse(BatchSerializer, _("The file."))},
    )
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        label = self.read_body(request)["label"]
        batch = get_batch_or_404(current_user(request), pk)
        rename_batch(batch, label)
        return Response(batch_body(request, batch))

    @extend_schema(
        summary=_("Delete what is in a file"),
        description=_(
            "Deletes rows and results now. A file waiting for confirmation is canceled. Counts and "
            "transactions stay."
        ),
        request=None,
        responses={204: OpenApiResponse(description=_("Deleted."))},
    )
    @raises(NotDeletable)
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        self.read_body(request, NoBody)
        delete_batch(get_batch_or_404(current_user(request), pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmView(ApiView):
    key_scopes = {"POST": Scope.PREDICT}
    limits = {"POST": KEY_LIMITS}

    @extend_schema(
        summary=_("Confirm the price of a file"),
        description=_("Pays the quoted price and starts scoring. A file is paid once, whatever the key."),
        request=None,
        responses={202: OpenApiResponse(BatchSerializer, _("Paid and queued."))},
        parameters=[IDEMPOTENCY_KEY],
    )
    @raises(
        *(InsufficientFunds, DailyLimitReached, TooManyKeyOrders, NotQuoted, QuoteExpired, PriceChanged),
        *(VersionChanged, ModelSwitchedOff, ModelUnavailable),
    )
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID, once: Once) -> Response:
        batch = get_batch_or_404(current_user(request), pk)
        headers = REPLAYED if batch.charge_id else None
        confirmed = confirm_batch(batch, request_key=once.request_key, api_key=key_of(request))
        return Response(batch_body(request, confirmed), status.HTTP_202_ACCEPTED, headers=headers)


class QuoteView(ApiView):
    key_scopes = {"POST": Scope.PREDICT}

    @extend_schema(
        summary=_("Get a new price for a file"),
        description=_(
            "When the price or the model version has changed, or the price has expired. The file "
            "gets the version on sale."
        ),
        request=None,
        responses={200: OpenApiResponse(BatchSerializer, _("The file with its price."))},
    )
    @raises(NotQuoted, TooManyOpenFiles, VersionChanged, ModelSwitchedOff, ModelUnavailable)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        batch = requote_batch(get_batch_or_404(current_user(request), pk))
        return Response(batch_body(request, batch))


class CancelView(ApiView):
    key_scopes = {"POST": Scope.PREDICT}

    @extend_schema(
        summary=_("Cancel a file"),
        description=_("Stops scoring. Rows without a result are refunded in one transaction."),
        request=None,
        responses={200: OpenApiResponse(BatchSerializer, _("The file, canceled."))},
        parameters=[IDEMPOTENCY_KEY],
    )
    @raises(NotCancelable)
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID, once: Once) -> Response:
        user = current_user(request)
        check_unused(user, once.request_key)
        batch = cancel_batch(get_batch_or_404(user, pk))
        return Response(batch_body(request, batch))


class FileView(ApiView):
    """Answers with a file, whatever the client says that it accepts; with problems in JSON."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return JSONRenderer(), "application/json"


class ResultsView(FileView):
    @extend_schema(
        summary=_("Download the results of a file"),
        description=_("CSV: your rows with their results, once the file is finished."),
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, _("The results."))},
    )
    @raises(*DOWNLOAD_ERRORS, ArtifactUnavailable)
    def get(self, request: Request, pk: uuid.UUID) -> StreamingHttpResponse:
        user = current_user(request)
        batch = get_batch_or_404(user, pk)
        return csv_download(user, f"results-{pk}.csv", files.results(batch))


class ErrorsView(FileView):
    @extend_schema(
        summary=_("Download the errors of a file"),
        description=_("CSV: rows that cannot be scored, and why."),
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, _("The errors."))},
    )
    @raises(*DOWNLOAD_ERRORS)
    def get(self, request: Request, pk: uuid.UUID) -> StreamingHttpResponse:
        user = current_user(request)
        batch = get_batch_or_404(user, pk)
        return csv_download(user, f"errors-{pk}.csv", files.errors(batch, in_language()))
