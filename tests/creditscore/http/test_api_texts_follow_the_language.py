"""Every text of the API's errors is Russian for a Russian reader and English otherwise; codes stay."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from rest_framework.serializers import Serializer
from rest_framework.test import APIClient

from accounts.api_input import Body, Query
from accounts.models import User
from billing.models import Entry
from creditscore.http.problems import DETAILS, FRAMEWORK
from predictions.scoring.schema import Applicant
from tests.support.orders import ResultFor
from tests.support.people import PASSWORD, ApiClientFor, give_money

# What stays in Latin letters: names, values, and the placeholders of texts.
LATIN = re.compile(
    r"\{\w+(:X)?\}|%\(\w+\)s|application/json|Content-Type|Authorization|Bearer|Idempotency-Key|X-CSRFToken|"
    r"JSON|API|CSV|URL|https|otp|true|false|cookie|U\+\w+|\b[A-Z]+\b|\w+_\w+|\w+-\w+|catboost|errors|xn--|"
    + "|".join(Entry.Kind.values)
)
LETTERS = re.compile(r"[A-Za-z]{2,}")
CYRILLIC = re.compile(r"[А-Яа-яё]")


def is_russian(text: str) -> bool:
    return bool(CYRILLIC.search(text)) and not LETTERS.search(LATIN.sub("", text))


def kinds(base: type[Serializer[Any]]) -> Iterator[type[Serializer[Any]]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def field_texts() -> dict[str, str]:
    """The text of every fault of every field that a request can have, by where it stands."""
    found: dict[str, str] = {}
    for kind in {*kinds(Body), *kinds(Query)}:
        form = kind()
        fields = {name: field for name, field in form.fields.items() if not field.read_only} | {"": form}
        for name, field in fields.items():
            found |= {
                f"{kind.__name__}.{name}: {code}": str(text) for code, text in field.error_messages.items()
            }
            for validator in getattr(field, "validators", ()):
                # One without a text of its own writes it when it fails; `test_answers` has such a case.
                if message := str(getattr(validator, "message", "")):
                    found[f"{kind.__name__}.{name}: {type(validator).__name__}"] = message
    return found


def test_texts_of_fields() -> None:
    with translation.override("ru"):
        russian = field_texts()
    with translation.override("en"):
        english = field_texts()
    assert len(russian) > 100
    assert {place: text for place, text in russian.items() if not is_russian(text)} == {}
    assert {place: text for place, text in english.items() if CYRILLIC.search(text)} == {}


def test_texts_of_errors() -> None:
    texts = [*DETAILS.values(), *(text for _code, text in FRAMEWORK.values())]
    with translation.override("ru"):
        assert [str(text) for text in texts if not is_russian(str(text))] == []
    with translation.override("en"):
        assert [str(text) for text in texts if CYRILLIC.search(str(text))] == []


Request = tuple[str, str, object, dict[str, str]]
CASES: list[tuple[str, int, str, Request]] = [
    ("malformed JSON", 400, "malformed", ("post", "top-ups/", "{", {})),
    ("a key twice", 400, "malformed", ("post", "top-ups/", '{"amount": "1", "amount": "1"}', {})),
    ("a parameter twice", 400, "malformed", ("get", "transactions/?kind=charge&kind=charge", None, {})),
    ("a bad key", 400, "invalid_idempotency_key", ("post", "top-ups/", "{}", {"Idempotency-Key": ""})),
    ("nobody", 401, "not_authenticated", ("get", "me/", None, {"Authorization": ""})),
    ("an empty token", 401, "token_not_valid", ("get", "me/", None, {"Authorization": "Bearer"})),
    ("a token of three words", 401, "token_not_valid", ("get", "me/", None, {"Authorization": "Bearer a b"})),
    ("a bad token", 401, "token_not_valid", ("get", "me/", None, {"Authorization": "Bearer x"})),
    ("another scheme", 401, "not_authenticated", ("get", "me/", None, {"Authorization": "Basic eDp5"})),
    ("a bad refresh token", 401, "token_not_valid", ("post", "auth/token/refresh/", {"refresh": "x"}, {})),
    ("a bad log-out", 401, "token_not_valid", ("post", "auth/logout/", {"refresh": "x"}, {})),
    (
        "a wrong password",
        401,
        "invalid_credentials",
        ("post", "auth/token/", {"username": "alice", "password": "no"}, {}),
    ),
    ("nothing there", 404, "not_found", ("get", "nothing/", None, {})),
    ("no such model", 404, "not_found", ("get", "models/x/", None, {})),
    ("a wrong method", 405, "method_not_allowed", ("delete", "me/", None, {})),
    ("another format", 406, "not_acceptable", ("get", "me/", None, {"Accept": "text/csv"})),
    ("a wrong type", 415, "unsupported_media_type", ("post", "top-ups/", "x", {"Content-Type": "text/csv"})),
    ("a list", 422, "validation_error", ("post", "top-ups/", [], {})),
    ("a null", 422, "validation_error", ("post", "top-ups/", "null", {})),
    ("an empty body", 422, "validation_error", ("post", "predictions/", {}, {})),
    (
        "values of wrong types",
        422,
        "validation_error",
        ("post", "predictions/", {"model": 1, "label": 1, "applicant": [], "x": 1}, {}),
    ),
    (
        "unfit characters",
        422,
        "validation_error",
        ("post", "predictions/", r'{"model": "\ud800", "label": "\u0000", "applicant": {}}', {}),
    ),
    (
        "bad people",
        422,
        "validation_error",
        ("post", "auth/register/", {"username": "Ж", "email": "x", "password": "1"}, {}),
    ),
    (
        "long people",
        422,
        "validation_error",
        ("post", "auth/register/", {"username": "x" * 151, "email": "x" * 255, "password": "x" * 129}, {}),
    ),
    (
        "a name that is taken",
        422,
        "validation_error",
        ("post", "auth/register/", {"username": "alice", "email": "a@b.org", "password": PASSWORD}, {}),
    ),
    ("a bad filter", 422, "validation_error", ("get", "transactions/?kind=x", None, {})),
    ("a bad page", 422, "validation_error", ("get", "transactions/?page_size=x&cursor=x", None, {})),
    ("a bad cursor", 422, "validation_error", ("get", "transactions/?cursor=x", None, {})),
]


def details(problem: dict[str, object]) -> list[str]:
    errors: list[dict[str, str]] = problem.get("errors", [])  # type: ignore[assignment]
    return [str(problem["detail"]), *(error["detail"] for error in errors)]


@pytest.mark.parametrize(
    ("status", "code", "request_"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_answers(
    alice: User, api: ApiClientFor, catalog: None, status: int, code: str, request_: Request
) -> None:
    method, path, body, headers = request_
    client = APIClient() if "Authorization" in headers else api(alice)
    problems = []
    for language in ("en", "ru"):
        options: dict[str, Any] = {"headers": {"Accept-Language": language, **headers}}
        if isinstance(body, str):
            kind = headers.get("Content-Type", "application/json")
            answer = client.generic(method.upper(), f"/api/v1/{path}", body, content_type=kind, **options)
        else:
            answer = getattr(client, method)(f"/api/v1/{path}", body, format="json", **options)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
        problems.append(answer.json())
    english, russian = problems
    assert [text for text in details(russian) if not is_russian(text)] == []
    assert [text for text in details(english) if CYRILLIC.search(text)] == []
    assert [error["code"] for error in english.get("errors", [])] == [
        error["code"] for error in russian.get("errors", [])
    ]


def test_every_fault_of_an_applicant(
    alice: User, api: ApiClientFor, catalog: None, applicant: Applicant
) -> None:
    give_money(alice, 1000_00)
    for name in applicant:
        values: tuple[object, ...] = (None, "x", True, -1, 1e9, [], "1,5")
        for value in values:
            order = {"model": "catboost", "applicant": applicant | {name: value, "shoe": 1}}
            headers = {"Accept-Language": "ru"}
            answer = api(alice).post("/api/v1/predictions/", order, format="json", headers=headers)
            assert [text for text in details(answer.json()) if not is_russian(text)] == []


def test_errors_of_money_and_results(
    alice: User, api: ApiClientFor, result: ResultFor, applicant: Applicant
) -> None:
    done, client = result(), api(alice)
    order = {"model": "catboost", "applicant": applicant}
    for path, body in (
        ("predictions/", order | {"label": "x" * 101}),
        (f"predictions/{done.pk}/cancel/", None),
        (f"predictions/{done.pk}/what-if/", {"changes": {"person_age": 1, "x": 1}, "goal": 2}),
        (f"predictions/{done.pk}/what-if/", {}),
    ):
        for language, right in (("ru", is_russian), ("en", lambda text: not CYRILLIC.search(text))):
            headers = {"Accept-Language": language}
            answer = client.post(f"/api/v1/{path}", body, format="json", headers=headers)
            assert answer.status_code in (402, 409, 422)
            assert [text for text in details(answer.json()) if not right(text)] == []


def test_a_session_without_its_csrf_token(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    for language in ("en", "ru"):
        answer = browser.post(
            "/api/v1/top-ups/",
            {"amount": "5"},
            content_type="application/json",
            headers={"Accept-Language": language},
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert is_russian(answer.json()["detail"]) == (language == "ru")
