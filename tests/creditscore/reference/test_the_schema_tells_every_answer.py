"""The API schema: every operation with all its statuses and codes, texts in both languages, examples."""

import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command
from jsonschema import Draft4Validator
from rest_framework.test import APIClient

from accounts.errors import CustomerError
from accounts.profile.services import InvalidLink
from accounts.tasks import MailUnavailable
from creditscore.http.problems import DETAILS
from predictions.leaving.deletion import BalanceDiffers, OperatorAccount, StillInProgress
from tests.support.declared_answers import differences, schema

ENGLISH, RUSSIAN = schema("en"), schema("ru")
# No operation sends mail.
ONLY_ON_PAGES = {
    BalanceDiffers,
    InvalidLink,
    MailUnavailable,
    OperatorAccount,
    StillInProgress,
}
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
NOT_A_METHOD = {"parameters", "summary", "description", "servers"}


class Operation(NamedTuple):
    path: str
    method: str

    def of(self, whole: dict[str, Any]) -> dict[str, Any]:
        operation: dict[str, Any] = whole["paths"][self.path][self.method]
        return operation

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


OPERATIONS = [Operation(path, method) for path, methods in ENGLISH["paths"].items() for method in methods]


def problems(operation: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {}).items():
            if kind == "application/problem+json" and status != "default":
                yield int(status), content


def resolved(value: Any, whole: dict[str, Any]) -> Any:
    """A JSON schema without references, and with null as a type."""
    if isinstance(value, list):
        return [resolved(one, whole) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return resolved(whole["components"]["schemas"][value["$ref"].rpartition("/")[2]], whole)
    found = {name: resolved(one, whole) for name, one in value.items() if name != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if value.get("nullable") is True else found


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The bodies that are JSON or forms; a file needs no example."""
    bodies = [operation.get("requestBody", {})]
    bodies += [response for status, response in operation["responses"].items() if status != "default"]
    for body in bodies:
        for kind, content in body.get("content", {}).items():
            if not kind.startswith(("text/", "application/pdf")):
                yield content


def test_the_generator_has_nothing_to_warn_of() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)


@pytest.mark.parametrize("error", sorted(set(DETAILS) - ONLY_ON_PAGES, key=str))
def test_every_refusal_is_declared_by_an_operation(error: type[CustomerError]) -> None:
    declared: set[tuple[int, str]] = set()
    for operation in OPERATIONS:
        for status, content in problems(operation.of(ENGLISH)):
            members = content["schema"]["allOf"][1]["properties"]
            declared |= {(status, code) for code in members["code"]["enum"]}
            declared |= {
                (422, code)
                for code in members.get("errors", _NO_FIELDS)["items"]["properties"]["code"]["enum"]
            }
    assert (error.status, error.code) in declared


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_says_in_both_languages_what_it_does(operation: Operation) -> None:
    assert list(missing_texts(operation.of(ENGLISH), operation.of(RUSSIAN))) == []
    tags = {tag["name"]: tag["description"] for tag in RUSSIAN["tags"]}
    assert CYRILLIC.search(tags[operation.of(ENGLISH)["tags"][0]])


def missing_texts(english: dict[str, Any], russian: dict[str, Any]) -> Iterator[str]:
    """The places of an operation without a text of its own in each language."""
    for name in ("summary", "description"):
        if not english.get(name) or not CYRILLIC.search(russian.get(name, "")):
            yield name
    for one, other in zip(english.get("parameters", []), russian.get("parameters", []), strict=True):
        if not one.get("description") or not CYRILLIC.search(other.get("description", "")):
            yield f"parameter {one['name']}"
    for status in english["responses"]:
        if not CYRILLIC.search(russian["responses"][status]["description"]):
            yield f"response {status}"
    for kind, content in english.get("requestBody", {}).get("content", {}).items():
        other = russian["requestBody"]["content"][kind]
        for member, part in resolved(content["schema"], ENGLISH).get("properties", {}).items():
            translated = resolved(other["schema"], RUSSIAN)["properties"][member]
            if not text_of(part) or not CYRILLIC.search(text_of(translated)):
                yield f"member {member}"


def text_of(member: dict[str, Any]) -> str:
    """The description of a member, which may be null."""
    [value, *_null] = member.get("anyOf", [member])
    return str(value.get("description", ""))


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_body_has_an_example_that_is_as_the_schema_says(operation: Operation) -> None:
    for content in contents(operation.of(ENGLISH)):
        examples = [one["value"] for one in content.get("examples", {}).values()]
        assert examples, content["schema"]
        validator = Draft4Validator(resolved(content["schema"], ENGLISH))
        for example in examples:
            assert [error.message for error in validator.iter_errors(example)] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_problem_is_described_by_its_status_codes_and_texts(operation: Operation) -> None:
    for status, content in problems(operation.of(RUSSIAN)):
        codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
        assert codes
        assert set(content["examples"]) == set(codes)
        for code, example in content["examples"].items():
            assert (example["value"]["status"], example["value"]["code"]) == (status, code)
            assert CYRILLIC.search(example["value"]["detail"])


def test_an_answer_that_is_not_declared_is_found() -> None:
    """The check that the fixture in `tests/support/declared_answers.py` makes of every answer of any test."""
    balance, order = "/api/v1/balance/", "/api/v1/predictions/"
    wrong = {"code": "validation_error", "errors": [{"field": "label", "code": "made_up", "detail": ""}]}
    assert list(differences("GET", balance, 200, {})) == []
    assert list(differences("HEAD", balance, 401, {"code": "not_authenticated"})) == []
    assert list(differences("DELETE", balance, 405, {"code": "method_not_allowed"})) == []
    assert list(differences("GET", "/api/v1/nowhere/", 404, {"code": "not_found"})) == []
    for method, path, status, body in (
        ("GET", balance, 201, {}),
        ("GET", balance, 402, {"code": "insufficient_funds"}),
        ("GET", balance, 401, {"code": "made_up"}),
        ("DELETE", balance, 405, {"code": "made_up"}),
        ("POST", order, 422, wrong),
    ):
        assert list(differences(method, path, status, body))


@pytest.mark.parametrize(("address", "language"), [("?lang=ru", "en"), ("", "ru")])
def test_the_schema_is_in_the_readers_language(address: str, language: str) -> None:
    url = f"/api/v1/schema/{address}"
    accept = "application/vnd.oai.openapi+json"
    answer = APIClient().get(url, headers={"Accept": accept, "Accept-Language": language}).json()
    assert answer["paths"]["/api/v1/balance/"]["get"]["summary"] == "Баланс"


_NO_FIELDS: dict[str, Any] = {"items": {"properties": {"code": {"enum": []}}}}
