import json

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.throttling import SIGN_UPS
from tests.support.clock import Forward

GOOD = {"username": "alice", "email": "alice@example.org", "password": "correct horse battery staple"}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "a b"),
        ("username", "a\x00b"),
        ("username", "\ud800"),
        ("username", ["alice"]),
        ("email", "nobody"),
        ("email", None),
        ("email", "alice@example.org\nBcc: bob@example.org"),
        ("password", "short"),
        ("password", "12345678901"),
        ("password", "alice@example.org"),
        ("password", "x" * 129),
    ],
)
def test_it_names_the_field(field: str, value: object) -> None:
    body = json.dumps(GOOD | {field: value})
    answer = APIClient().post("/api/v1/auth/register/", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("username", "a b", "Используйте только латинские буквы, цифры и\xa0знаки . + - _"),
        ("email", "nobody", "Проверьте адрес электронной почты."),
        ("password", "kettle", "Пароль слишком короткий: нужно хотя бы 8\u00a0символов."),
        ("password", "iloveyou", "Этот пароль слишком распространённый."),
        ("password", "59308127446", "Пароль не\xa0может состоять только из\xa0цифр."),
        ("password", "alice@example.org", "Пароль слишком похож на\xa0поле «электронная почта»."),
    ],
)
def test_it_says_in_plain_russian_what_is_wrong(field: str, value: str, text: str) -> None:
    data = GOOD | {field: value}
    answer = APIClient().post("/api/v1/auth/register/", data, format="json", HTTP_ACCEPT_LANGUAGE="ru")
    assert text in [error["detail"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("field", list(GOOD))
def test_it_names_a_missing_field_in_russian(field: str) -> None:
    data = {name: value for name, value in GOOD.items() if name != field}
    answer = APIClient().post("/api/v1/auth/register/", data, format="json", HTTP_ACCEPT_LANGUAGE="ru")
    assert answer.json()["errors"] == [
        {"field": field, "code": "required", "detail": "Это поле нужно заполнить."}
    ]


def test_it_shows_no_password() -> None:
    answer = APIClient().post("/api/v1/auth/register/", GOOD, format="json")
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(User.objects.get().pk),
        "username": "alice",
        "email": "alice@example.org",
    }


def test_it_limits_how_many_accounts_an_address_makes_a_minute(forward: Forward) -> None:
    codes = [
        APIClient()
        .post("/api/v1/auth/register/", GOOD | {"username": f"user{number}"}, format="json")
        .status_code
        for number in range(SIGN_UPS.attempts + 2)
    ]
    assert codes == [201] * SIGN_UPS.attempts + [429, 429]
