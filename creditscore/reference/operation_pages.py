"""What the pages of the reference show of the schema, as dataclasses with ready texts."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.utils.safestring import SafeString

from creditscore.reference.markup import marked
from creditscore.reference.members import Member, members_of, parameter
from creditscore.reference.schema import Schema, schema_in

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Code:
    """A code of a problem, or of a field, with its text."""

    code: str
    text: str


@dataclass(frozen=True)
class Answer:
    """`codes` is empty for success, `members` and `example` for problems."""

    status: int
    phrase: str
    text: str
    codes: list[Code]
    members: list[Member]
    example: str
    headers: list[Member]

    @property
    def html(self) -> SafeString:
        return marked(self.text)


@dataclass(frozen=True)
class Operation:
    """`field_codes` are the codes that `errors` can have in an answer about invalid input.

    Between the two parts of the command is the address of the service.
    """

    id: str
    method: str
    path: str
    summary: str
    text: str
    needs_token: bool
    parameters: list[Member]
    members: list[Member]
    curl_head: str
    curl_tail: str
    successes: list[Answer]
    problems: list[Answer]
    field_codes: list[str]

    @property
    def html(self) -> SafeString:
        return marked(self.text)


@dataclass(frozen=True)
class Group:
    name: str
    title: str
    operations: list[Operation]


@dataclass(frozen=True)
class Reference:
    """`of_every_call` are the problems that each operation has, which its own list leaves out."""

    groups: list[Group]
    of_every_call: list[Answer]


@cache
def reference_in(language: str) -> Reference:
    """Return the reference in a language."""
    schema = schema_in(language)
    described = [
        (path, method, operation)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    shared = set.intersection(*(set(_codes(operation)) for _path, _method, operation in described))
    groups = []
    for tag in schema["tags"]:
        operations = [
            _operation(schema, path, method, operation, shared)
            for path, method, operation in described
            if operation["tags"] == [tag["name"]]
        ]
        if operations:
            groups.append(Group(tag["name"], tag["description"], operations))
    first = described[0][2]
    return Reference(groups, list(_problems(first, set(_codes(first)) - shared)))


def _operation(
    schema: Schema, path: str, method: str, operation: dict[str, Any], shared: set[tuple[int, str]]
) -> Operation:
    invalid = operation["responses"]["422"]["content"][PROBLEM]["schema"]["allOf"][1]["properties"]
    contents = list(operation.get("requestBody", {}).get("content", {}).values())
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation["description"],
        needs_token=_needs_token(operation),
        parameters=[parameter(schema, one) for one in operation.get("parameters", [])],
        members=[member for content in contents for member in members_of(schema, content["schema"])],
        curl_head=f"curl {'' if method == 'get' else f'-X {method.upper()} '}",
        curl_tail=" \\\n  ".join([_with_variables(path), *_curl_options(operation)]),
        successes=list(_successes(schema, operation)),
        problems=list(_problems(operation, shared)),
        field_codes=invalid["errors"]["items"]["properties"]["code"]["enum"],
    )


def _codes(operation: dict[str, Any]) -> Iterator[tuple[int, str]]:
    for status, response in operation["responses"].items():
        for problem in response.get("x-problems", []):
            yield int(status), problem["code"]


def _successes(schema: Schema, operation: dict[str, Any]) -> Iterator[Answer]:
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        content = next(iter(response.get("content", {}).values()), None)
        yield Answer(
            status=int(status),
            phrase=HTTPStatus(int(status)).phrase,
            text=response["description"],
            codes=[],
            members=members_of(schema, content["schema"]) if content else [],
            example=_example(content) if content else "",
            headers=_headers(schema, response),
        )


def _problems(operation: dict[str, Any], left_out: set[tuple[int, str]]) -> Iterator[Answer]:
    for status, response in operation["responses"].items():
        codes = [
            Code(problem["code"], problem["detail"])
            for problem in response.get("x-problems", [])
            if (int(status), problem["code"]) not in left_out
        ]
        if codes:
            phrase = HTTPStatus(int(status)).phrase
            yield Answer(int(status), phrase, "", codes, [], "", [])


def _headers(schema: Schema, response: dict[str, Any]) -> list[Member]:
    headers = response.get("headers", {})
    return [parameter(schema, {"in": "header", "name": name, **headers[name]}) for name in headers]


def _example(content: dict[str, Any]) -> str:
    values = _values(content)
    return json.dumps(values, indent=2, ensure_ascii=False) if values else ""


def _values(content: dict[str, Any]) -> Any:
    examples = list(content.get("examples", {}).values())
    return examples[0]["value"] if examples else {}


def _with_variables(path: str) -> str:
    """Return the path with variables of a shell: curl reads `{id}` as a pattern and sends `id`."""
    return re.sub(r"{(\w+)}", lambda found: f"${found[1].upper()}", path)


def _curl_options(operation: dict[str, Any]) -> Iterator[str]:
    if _needs_token(operation):
        takes_keys = any("apiKey" in scheme for scheme in operation["security"])
        yield f'-H "Authorization: Bearer ${"API_KEY" if takes_keys else "TOKEN"}"'
    names = {one["name"] for one in operation.get("parameters", [])}
    if "Idempotency-Key" in names:
        yield '-H "Idempotency-Key: $(uuidgen)"'
    if "Prefer" in names:
        yield '-H "Prefer: wait=5"'
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "multipart/form-data":
            yield from (f"-F {shlex.quote(f'{name}={value}')}" for name, value in _values(content).items())
            return
        yield f'-H "Content-Type: {kind}"'
        yield f"-d {shlex.quote(_example(content))}"


def _needs_token(operation: dict[str, Any]) -> bool:
    return bool(operation.get("security")) and {} not in operation["security"]
