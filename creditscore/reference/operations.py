"""Describes each operation of the API: which errors it answers with, in which status, with which codes."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_listed_example_value, force_instance
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication

from accounts.api_errors import declared, field_codes
from accounts.api_input import ApiView, Body, Query, WholeNumberField
from accounts.authentication import KeyAuthentication, scope_of
from accounts.errors import RepeatedName
from accounts.keys.services import InsufficientScope, KeyNotAllowed
from creditscore.http.bodies import BodyEncoded, BodyTooLarge
from creditscore.http.database import DatabaseUnavailable
from creditscore.reference.problem_kinds import BAD_REQUEST, INVALID, SERVER_ERROR, ProblemKind, kind_of

Operation = dict[str, Any]
BODIES = ("POST", "PUT", "PATCH", "DELETE")
# What a serializer says for data that is no object, and DRF for each text.
UNKNOWN_FIELD = "unknown_field"
TEXT_CODES = {"null_characters_not_allowed", "surrogate_characters_not_allowed"}


class OperationSchema(AutoSchema):
    """Adds to each operation the problems that it can answer with."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Operation | None:
        operation: Operation | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        by_status: dict[int, list[ProblemKind]] = {}
        for kind in sorted(set(self._kinds()), key=lambda kind: (kind.status, kind.code, str(kind.detail))):
            by_status.setdefault(kind.status, []).append(kind)
        for status, kinds in by_status.items():
            operation["responses"][str(status)] = self._response(kinds)
        if scope := self._scope():
            needs = _("API keys need the scope `%(scope)s`.") % {"scope": scope}
            operation["description"] = f"{operation.get('description', '')}\n\n{needs}"
        if self.method in getattr(self.view, "limits", {}):
            for status, response in operation["responses"].items():
                if int(status) < 500 and status != "401":
                    response["headers"] = {**_limit_headers(), **response.get("headers", {})}
        return operation

    def get_description(self) -> str:  # type: ignore[override]  # the stubs have that of another class
        """Docstrings are for developers; readers get what `extend_schema` says."""
        return ""

    def _scope(self) -> str:
        """Return the scope that API keys need, empty if the operation takes none."""
        scope = scope_of(self.view, self.method) if self.view.authentication_classes else None
        return scope.value if scope else ""

    def _resolve_path_parameters(self, variables: list[str]) -> list[Operation]:
        found: list[Operation] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in found:
            if text := _path_texts().get(parameter["name"]):
                parameter["description"] = text
        return found

    def _get_examples(
        self, serializer: Any, direction: str, media_type: str, *args: Any, **kwargs: Any
    ) -> Operation:
        """Return the example that a serializer has as its attribute `example`, unless there is another."""
        found: Operation = super()._get_examples(serializer, direction, media_type, *args, **kwargs)  # type: ignore[no-untyped-call]
        one = force_instance(getattr(serializer, "child", serializer))  # type: ignore[no-untyped-call]
        values = getattr(one, "example", None)
        if found or values is None:
            return found
        hidden = "read_only" if direction == "request" else "write_only"
        fields = one.get_fields()
        value = {name: values[name] for name in values if not getattr(fields[name], hidden, False)}
        if self._is_list_view(serializer) and direction == "response":
            value = build_listed_example_value(value, self._get_paginator(), direction)  # type: ignore[no-untyped-call]
        return {"example": {"value": value}}

    def _response(self, kinds: list[ProblemKind]) -> Operation:
        members: dict[str, Any] = {"code": {"type": "string", "enum": _unique(kind.code for kind in kinds)}}
        if INVALID in kinds:
            code = {"type": "string", "enum": sorted(self._field_codes())}
            members["errors"] = {
                "type": "array",
                "items": {"type": "object", "properties": {"code": code}},
            }
        response: Operation = {
            "description": "\n".join(f"- `{kind.code}`: {kind.detail}" for kind in kinds),
            # For readers of codes; `examples` has one problem for each code.
            "x-problems": [{"code": kind.code, "detail": str(kind.detail)} for kind in kinds],
            "content": {
                "application/problem+json": {
                    "schema": {
                        "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {"type": "object", "properties": members},
                        ]
                    },
                    "examples": {kind.code: {"value": kind.example()} for kind in reversed(kinds)},
                }
            },
        }
        if any(kind.has_retry_after for kind in kinds):
            response["headers"] = {
                "Retry-After": {
                    "schema": {"type": "integer"},
                    "description": _("Seconds until the next attempt makes sense."),
                }
            }
        return response

    def _kinds(self) -> Iterator[ProblemKind]:
        yield from (BAD_REQUEST, SERVER_ERROR)
        yield from map(kind_of, self._errors())
        if isinstance(self.view, ApiView):
            yield INVALID

    def _errors(self) -> Iterator[type[Exception]]:
        yield from (DatabaseUnavailable, RepeatedName, exceptions.NotAcceptable, BodyTooLarge, BodyEncoded)
        if self.method in BODIES:
            yield from (exceptions.ParseError, exceptions.UnsupportedMediaType)
        if self.view.authentication_classes:
            yield exceptions.NotAuthenticated
        if "{" in self.path:
            yield exceptions.NotFound
        if SessionAuthentication in self.view.authentication_classes and self.method in BODIES:
            yield exceptions.PermissionDenied
        for source in (*self.view.authentication_classes, *self.view.permission_classes):
            yield from declared(source)
        if KeyAuthentication in self.view.authentication_classes:
            yield InsufficientScope if self._scope() else KeyNotAllowed
        # Those with a field are in the answer to invalid input.
        yield from (error for error in declared(self._handler) if not getattr(error, "field", ""))

    def _field_codes(self) -> set[str]:
        found = {UNKNOWN_FIELD, "invalid"} | field_codes(self._handler)
        found |= {error.code for error in declared(self._handler) if getattr(error, "field", "")}  # type: ignore[attr-defined]
        kind: type[Query[Any] | Body[Any]] = getattr(self.view, "query" if self.method == "GET" else "body")
        return found | _codes_of(kind())

    @property
    def _handler(self) -> object:
        return getattr(self.view, str(self.method).lower())


def _codes_of(field: Any) -> set[str]:
    """Return the codes of the errors that a field, or the fields of a serializer, can have."""
    if isinstance(field, serializers.BaseSerializer):
        inner = (_codes_of(one) for one in getattr(field, "fields", {}).values() if not one.read_only)
        return {"invalid"}.union(*inner)
    codes = set(getattr(field, "error_codes", ()))
    codes |= {code for code in field.error_messages if not _is_impossible(field, code)}
    codes |= {validator.code for validator in field.validators if hasattr(validator, "code")}
    return codes | TEXT_CODES if isinstance(field, serializers.CharField) else codes


def _is_impossible(field: Any, code: str) -> bool:
    """Return whether the options of a field rule out an error that its class has."""
    match code:
        case "required":
            return not field.required
        case "null":
            return bool(field.allow_null)
        case "blank":
            return bool(field.allow_blank)
        case "max_length" | "min_length" | "max_value" | "min_value":
            return getattr(field, code, None) is None
        case "max_string_length":
            return isinstance(field, WholeNumberField)  # which takes no text
        case "no_name":
            return True  # Django leaves out files without one
    return False


def _limit_headers() -> Operation:
    """Return how answers tell of limits."""
    return {
        "RateLimit-Policy": {
            "schema": {"type": "string"},
            "example": '"orders";q=3000;w=60',
            "description": _("The limits: `q` requests in `w` seconds."),
        },
        "RateLimit": {
            "schema": {"type": "string"},
            "example": '"orders";r=2999;t=60',
            "description": _("What is left of them: `r` requests, and more in `t` seconds."),
        },
    }


def _path_texts() -> dict[str, str]:
    return {
        "id": _("The ID."),
        "delivery": _("The ID of the delivery."),
        "link": _("The ID of the link."),
        "code": _("The code on the document, in any case, with or without its dashes."),
        "slug": _("The name of the model in addresses, such as `catboost`."),
    }


def _unique(codes: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(codes))
