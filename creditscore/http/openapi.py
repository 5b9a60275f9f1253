"""Adds to the OpenAPI schema what holds for every operation: the problem response, and closed bodies."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import normalize_result_object

Schema = dict[str, Any]

PROBLEM: Schema = {
    "type": "object",
    "description": _(
        "Problem details (RFC 9457). `code` is the same in every language; `detail` follows "
        "`Accept-Language`."
    ),
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "balance": {"type": "string", "description": _("Only with `insufficient_funds`.")},
        "required": {"type": "string", "description": _("Only with `insufficient_funds`.")},
        "daily_limit": {"type": "string", "description": _("Only with `daily_limit_reached`.")},
        "spent": {"type": "string", "description": _("Only with `daily_limit_reached`.")},
        "scope": {"type": "string", "description": _("Only with `insufficient_scope`.")},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
    },
}
METHODS = {"get", "post", "put", "patch", "delete"}


def close_bodies(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Post-processing hook of drf-spectacular: no body may have other members. Returns `result`."""
    operations = [operation for path in result["paths"].values() for operation in path.values()]
    for operation in operations:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            # A body that is a file has no members.
            if name := content["schema"].get("$ref", "").rpartition("/")[2]:
                result["components"]["schemas"][name]["additionalProperties"] = False
    return result


def describe_problems(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Post-processing hook of drf-spectacular; changes and returns `result`."""
    result["components"]["schemas"]["Problem"] = normalize_result_object(PROBLEM)  # type: ignore[no-untyped-call]
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    other = {"description": str(_("Any other error.")), "content": content}
    for path in result["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                operation["responses"]["default"] = other
    return result
