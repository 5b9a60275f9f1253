"""Every answer of the API, in any test, has a status and codes that the schema declares for its operation."""

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from accounts.requests import API
from creditscore.reference.problem_kinds import all_kinds

JSON = ("application/json", "application/problem+json")


@pytest.fixture(autouse=True)
def _answers_are_declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look at what Django's handler returns, to test clients and to live servers alike."""
    found: list[str] = []
    answer = BaseHandler.get_response

    def get_response(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        # Middleware changes the method of HEAD while it answers.
        method, response = str(request.method), answer(handler, request)
        if request.path.startswith(API) and response.get("Content-Type", "").partition(";")[0] in JSON:
            found.extend(differences(method, request.path, response.status_code, _body_of(response)))
        return response

    monkeypatch.setattr(BaseHandler, "get_response", get_response)
    yield
    assert found == [], "the schema does not declare these answers: see accounts/api_errors.py"


def differences(method: str, path: str, status: int, body: Any) -> Iterator[str]:
    """Yield what is not declared of an answer."""
    code = body.get("code") if isinstance(body, dict) and status >= 400 else None
    operation = operation_at(method, path)
    if operation is None:
        if status >= 400 and (status, code) not in documented():
            yield f"{method} {path}: {status} {code} is not documented"
        return
    if str(status) not in operation["responses"]:
        yield f"{method} {path}: {status} {code} is not declared"
        return
    if status < 400:
        return
    declared = operation["responses"][str(status)]["content"]["application/problem+json"]["schema"]["allOf"][
        1
    ]
    if code not in declared["properties"]["code"]["enum"]:
        yield f"{method} {path}: the code {code} of {status} is not declared"
    for error in body.get("errors", []):
        fields = declared["properties"]["errors"]["items"]["properties"]["code"]["enum"]
        if error["code"] not in fields:
            yield f"{method} {path}: the code {error['code']} of {error['field']} is not declared"


def operation_at(method: str, path: str) -> dict[str, Any] | None:
    """Return the operation that answers, None if there is none."""
    wanted = "get" if method == "HEAD" else method.lower()
    for pattern, operations in _operations():
        if pattern.fullmatch(path):
            return operations.get(wanted)
    return None


def schema(language: str = "en") -> dict[str, Any]:
    """Return the schema in a language."""
    with translation.override(language):
        generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def _body_of(response: HttpResponseBase) -> Any:
    content = getattr(response, "content", b"")
    if response.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return json.loads(content) if content else None


@cache
def documented() -> set[tuple[int, str]]:
    return {(kind.status, kind.code) for kind in all_kinds()}


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = schema()["paths"]
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operations) for path, operations in paths.items()]
