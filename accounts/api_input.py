"""What requests to the API may contain: base classes of views, bodies, queries and fields.

Nothing is ignored and nothing is converted: a member that a body does not have, a parameter that an address
does not take, and a value of another JSON type are errors, because a program that sends them means something
else than the service would do.
"""

import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias, TypeVar

from django.db import DatabaseError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import quotas
from accounts.errors import RepeatedName, RetryLater
from accounts.models import Scope
from accounts.quotas import Quota

logger = logging.getLogger(__name__)

Model = TypeVar("Model")
# The name of a limit, and what reads its quota, which is None if there is no limit.
ReadQuota: TypeAlias = tuple[str, Callable[[Request], Quota | None]]
# Limits for the unknown names that errors repeat: their number and their length.
MAX_UNKNOWN_NAMES = 20
MAX_NAME_LENGTH = 60
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE)
# The browsable API chooses its format with it, on every address.
FORMAT = "format"


@cache
def _shared(kind: Any) -> Any:
    """Return an instance that only represents: building its fields costs more than using them."""
    return kind()


def body_of(kind: type[serializers.BaseSerializer[Any]], instance: object) -> dict[str, Any]:
    """Return what a response says of `instance`."""
    body: dict[str, Any] = _shared(kind).to_representation(instance)  # type: ignore[arg-type]
    return body


class _Strict(serializers.Serializer[Model]):
    """Refuses unknown names, and values that are not an object."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Send a JSON object.")}

    def to_internal_value(self, data: Any) -> Any:
        unknown = _unknown(data, [str(field.field_name) for field in self._writable_fields])
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not unknown or not isinstance(error.detail, dict):
                raise
            raise serializers.ValidationError({**error.detail, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return values


class Body(_Strict[Model]):
    """The members of a JSON body."""


class Query(_Strict[Model]):
    """The parameters of an address."""


class NoBody(Body[Any]):
    """For methods that take none."""


class NoQuery(Query[Any]):
    """For addresses that take none."""


class ApiView(APIView):
    """Refuses parameters of the query and members of the body that the view does not take.

    `query` is what its GET takes, `body` what its other methods take.

    `key_scopes` has the scope that an API key needs, by method; others take no keys. `limits` has what reads
    the quotas of a method, whose answers all tell of them.
    """

    query: ClassVar[type[Query[Any]]] = NoQuery
    body: ClassVar[type[Body[Any]]] = NoBody
    key_scopes: ClassVar[Mapping[str, Scope]] = {"GET": Scope.READ}
    limits: ClassVar[Mapping[str, Sequence[ReadQuota]]] = {}
    # The validated values of the query.
    query_values: Mapping[str, Any] = MappingProxyType({})
    # Set by what has counted the request, so that it need not be read again.
    quota: Quota | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not hasattr(self, str(request.method).lower()):
            return  # 405 follows
        reads = request.method in ("GET", "HEAD")
        self.query_values = _query_values(self.query if reads else NoQuery, request.query_params)
        if self.body is NoBody and request.method in ("POST", "PUT", "PATCH", "DELETE"):
            self.read_body(request)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RetryLater) and exc.quota:
            self.quota = exc.quota
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        finished = super().finalize_response(request, response, *args, **kwargs)
        readers = self.limits.get(str(request.method), ())
        if readers and finished.status_code < 500 and request.user.is_authenticated:
            for name, value in quotas.headers(self._quotas(request, readers)).items():
                finished[name] = value
        return finished

    def _quotas(self, request: Request, readers: Sequence[ReadQuota]) -> list[Quota]:
        """Return what is left now. Not a reason for a request to fail that has done its work."""
        found = {self.quota.name: self.quota} if self.quota else {}
        try:
            for name, read in readers:
                if name not in found and (quota := read(request)):
                    found[name] = quota
        except DatabaseError as error:
            logger.warning("what is left of a limit cannot be read: %s", error)
        return list(found.values())

    def read_body(self, request: Request, kind: type[Body[Any]] | None = None) -> dict[str, Any]:
        """Return the values of the body, or of one of another `kind`. Raises `ValidationError`."""
        # `null` gets the error of other values that are not an object.
        # Made for each request: the texts of its errors are in the language of their first reader.
        form = (kind or self.body)(data=[] if request.data is None else request.data)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)


class TextField(serializers.CharField):
    """A JSON string; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmailField(serializers.EmailField):
    """A JSON string with an e-mail address."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ChoiceField(serializers.ChoiceField):
    """One of a few texts."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid_choice": _("Choose one of: {choices}.")}

    def to_internal_value(self, data: Any) -> str:
        if data == "" and self.allow_blank:
            return ""
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return data


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class ShareField(serializers.Field[float, Any, float, Any]):
    """A JSON number from 0 to 1; text and booleans are none."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Enter a number from 0 to 1.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float) or not 0 <= data <= 1:
            self.fail("invalid")
        return float(data)

    def to_representation(self, value: float) -> float:
        return value


class BooleanField(serializers.BooleanField):
    """A JSON boolean; a number and text are none."""

    default_error_messages: ClassVar = {"invalid": _("Enter true or false, without quotes.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumberField(serializers.IntegerField):
    """A JSON integer; text and booleans are none."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, Any, str, Any]):
    """A JSON string with date, time and offset (RFC 3339)."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Enter a date and time with an offset, for example 2030-01-31T00:00:00Z.")
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not INSTANT.fullmatch(data):
            self.fail("invalid")
        try:
            return datetime.fromisoformat(data).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.Field[Mapping[str, Any], Any, Any, Any]):
    """A JSON object whose members the view checks."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Send a JSON object.")}

    def to_internal_value(self, data: Any) -> Mapping[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data

    def to_representation(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return value


def _query_values(kind: type[Query[Any]], parameters: QueryDict) -> Mapping[str, Any]:
    """Return the values of a query. Raises `ValidationError`, `RepeatedName`."""
    if any(len(values) > 1 for _name, values in parameters.lists()):
        raise RepeatedName
    form = kind(data={name: value for name, value in parameters.items() if name != FORMAT})
    form.is_valid(raise_exception=True)
    return MappingProxyType(form.validated_data)


def _unknown(data: Any, known: Collection[str]) -> dict[str, list[ErrorDetail]]:
    """Return an error for each unknown name, shortened and in ASCII, so that it is safe to repeat."""
    if not isinstance(data, Mapping):
        return {}
    names = [str(name) for name in data if name not in known][:MAX_UNKNOWN_NAMES]
    return {
        name[:MAX_NAME_LENGTH].encode("unicode_escape").decode(): [
            ErrorDetail(str(_("Unknown field.")), "unknown_field")
        ]
        for name in names
    }
