"""Adds the problem response to every operation of the OpenAPI schema."""

from typing import Any

Schema = dict[str, Any]

PROBLEM: Schema = {
    "type": "object",
    "description": (
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
        "balance": {"type": "string", "description": "Only with `insufficient_funds`."},
        "required": {"type": "string", "description": "Only with `insufficient_funds`."},
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


def describe_problems(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Post-processing hook of drf-spectacular; changes and returns `result`."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                operation["responses"]["default"] = {"description": "Error", "content": content}
    return result
