"""API endpoints of outcomes: of one prediction, from files, and the backtest on them."""

import io
import uuid
from collections.abc import Callable, Mapping
from itertools import chain
from typing import IO, Any, BinaryIO, ClassVar

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api_errors import raises
from accounts.api_input import ApiView, Body, NoBody, body_of
from accounts.errors import RepeatedName
from accounts.models import Scope, User
from accounts.requests import current_user
from accounts.throttling import TooManyAttempts, take
from predictions.api.outcome_serializers import (
    ImportedSerializer,
    OutcomeFileSerializer,
    OutcomeSerializer,
)
from predictions.api.serializers import ComparisonSerializer, PredictionSerializer
from predictions.batches.files import NotFinished as FileNotFinished
from predictions.batches.store import FilesDeleted
from predictions.outcomes.imports import IMPORTS, Imported, import_batch_outcomes, import_outcomes
from predictions.outcomes.services import (
    report_comparison,
    report_outcome,
    withdraw_comparison,
    withdraw_outcome,
)
from predictions.results.what_if import NotFinished
from predictions.selectors import get_batch_or_404, get_comparison_or_404, get_prediction_or_404

FILE_CODES = ("empty", "unusable_file", "too_many_rows")
BODIES = {"multipart/form-data": OutcomeFileSerializer, "text/csv": OpenApiTypes.STR}
ANSWER = OpenApiResponse(
    ImportedSerializer, _("What was stored, and what is wrong with the other rows, by line.")
)


class CsvParser(BaseParser):
    """A body that is the file itself, as if a form had sent it."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        content = stream.read()
        name, size = "outcomes.csv", len(content)
        file = InMemoryUploadedFile(io.BytesIO(content), "file", name, "text/csv", size, None)
        return {"file": file}


class _ReportView(ApiView):
    """Reports the outcome of what `find` finds for the user, and withdraws it."""

    key_scopes = {"PUT": Scope.PREDICT, "DELETE": Scope.PREDICT}
    body = OutcomeSerializer
    find: ClassVar[Callable[[User, uuid.UUID], Any]]
    report: ClassVar[Callable[..., object]]
    withdraw: ClassVar[Callable[..., object]]
    answer: ClassVar[type[BaseSerializer[Any]]]

    @raises(NotFinished, fields=("before_order", "in_future"))
    def put(self, request: Request, pk: uuid.UUID) -> Response:
        kind, user, sent = type(self), current_user(request), self.read_body(request)
        kind.report(kind.find(user, pk), sent["outcome"], sent["observed_on"], by=user)
        return Response(body_of(kind.answer, kind.find(user, pk)))

    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        self.read_body(request, NoBody)
        kind, user = type(self), current_user(request)
        kind.withdraw(kind.find(user, pk), by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    put=extend_schema(
        summary=_("Report an outcome"),
        description=_(
            "What became of the loan. Repeating an outcome changes nothing; a different one "
            "replaces it, and the history is kept."
        ),
        request=OutcomeSerializer,
        responses={200: OpenApiResponse(PredictionSerializer, _("The prediction with its outcome."))},
    ),
    delete=extend_schema(
        summary=_("Withdraw an outcome"),
        description=_("For an outcome reported by mistake. If there is none, nothing happens."),
        request=None,
        responses={204: OpenApiResponse(description=_("The prediction has no outcome."))},
    ),
)
class OutcomeView(_ReportView):
    find = get_prediction_or_404
    report, withdraw = report_outcome, withdraw_outcome
    answer = PredictionSerializer


@extend_schema_view(
    put=extend_schema(
        summary=_("Report the outcome of a comparison"),
        description=_("What became of the loan, for all predictions of the comparison that have a result."),
        request=OutcomeSerializer,
        responses={200: OpenApiResponse(ComparisonSerializer, _("The comparison, with the outcomes."))},
    ),
    delete=extend_schema(
        summary=_("Withdraw the outcome of a comparison"),
        description=_("Of all its predictions that have one. If there is none, nothing happens."),
        request=None,
        responses={204: OpenApiResponse(description=_("No prediction of the comparison has an outcome."))},
    ),
)
class ComparisonOutcomeView(_ReportView):
    find = get_comparison_or_404
    report, withdraw = report_comparison, withdraw_comparison
    answer = ComparisonSerializer


class OutcomeFileView(ApiView):
    """Takes a file of outcomes, in a form or as the body itself."""

    key_scopes = {"POST": Scope.PREDICT}
    body = OutcomeFileSerializer
    parser_classes = (MultiPartParser, CsvParser, *ApiView.parser_classes)

    def read_body(self, request: Request, kind: type[Body[Any]] | None = None) -> dict[str, Any]:
        """Raises `RepeatedName` too."""
        if hasattr(request.data, "lists") and any(len(values) > 1 for _name, values in request.data.lists()):
            raise RepeatedName
        return super().read_body(request, kind)

    def answer(self, request: Request, stored: Callable[[BinaryIO, User], Imported]) -> Response:
        """Return what `stored` has made of the file, for this user. Raises `TooManyAttempts`."""
        user = current_user(request)
        try:
            file = self.read_body(request)["file"]
            take(IMPORTS, str(user.pk))
            return Response(body_of(ImportedSerializer, stored(file, user)))
        finally:
            # Deletes what was received.
            for file in chain.from_iterable(files for _name, files in request.FILES.lists()):
                file.close()


class OutcomesView(OutcomeFileView):
    @extend_schema(
        summary=_("Report outcomes from a file"),
        description=_(
            "CSV with the columns `id` (of a prediction), `outcome` and `observed_on`, up to "
            "100,000 rows and 20 MB: as `file` in a form, or as the body with `Content-Type: "
            "text/csv`. Valid rows are stored; errors in the others are listed by line. A file can "
            "safely be sent again."
        ),
        request=BODIES,
        responses={200: ANSWER},
    )
    @raises(TooManyAttempts, fields=FILE_CODES)
    def post(self, request: Request) -> Response:
        return self.answer(request, lambda file, user: import_outcomes(file, by=user, of=user))


class BatchOutcomesView(OutcomeFileView):
    @extend_schema(
        summary=_("Report outcomes of a file's rows"),
        description=_(
            "Like `POST /api/v1/outcomes/`, for the rows of a scored file. `id` is the content of "
            "the first of your own columns, such as your loan number. A column `line` names rows "
            "by line instead. Also works after the file is deleted."
        ),
        request=BODIES,
        responses={200: ANSWER},
    )
    @raises(TooManyAttempts, FileNotFinished, FilesDeleted, fields=(*FILE_CODES, "no_references"))
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        return self.answer(
            request,
            lambda file, user: import_batch_outcomes(file, get_batch_or_404(user, pk), by=user),
        )
