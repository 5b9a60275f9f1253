"""JSON in UTF-8 with or without a byte order mark; each key once; every value of the type that it has."""

import json

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.orders import ResultFor
from tests.support.people import PASSWORD, Answer, ApiClientFor, give_money

BOM = b"\xef\xbb\xbf"


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


def send(client: APIClient, path: str, body: str | bytes, kind: str = "application/json") -> Answer:
    answer: Answer = client.post(f"/api/v1/{path}", body, content_type=kind)
    return answer


def test_a_byte_order_mark_is_read_over(client: APIClient) -> None:
    assert send(client, "top-ups/", BOM + b'{"amount": "5.00"}').status_code == 201
    assert send(client, "top-ups/", BOM + BOM + b'{"amount": "5.00"}').status_code == 400


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/json;charset=UTF-16"])
def test_the_encoding_is_utf_8_whatever_the_header_says(client: APIClient, kind: str) -> None:
    assert send(client, "top-ups/", b'{"amount": "5.00"}', kind).status_code == 201


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1251"])
def test_other_encodings_are_malformed(client: APIClient, encoding: str) -> None:
    body = json.dumps({"amount": "5.00", "note": "рубли"}, ensure_ascii=False).encode(encoding)
    assert send(client, "top-ups/", body).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("top-ups/", '{"amount": "5.00", "amount": "500.00"}'),
        ("top-ups/", '{"amount": "5.00", "\\u0061mount": "5.00"}'),
        ("auth/token/", '{"username": "alice", "username": "bob", "password": "x"}'),
        ("predictions/", '{"model": "catboost", "model": "random-forest", "applicant": {}}'),
        ("predictions/", '{"model": "catboost", "applicant": {"person_age": 30, "person_age": 31}}'),
        ("comparisons/", '{"applicant": {"loan_grade": "A", "loan_grade": "G"}}'),
    ],
)
def test_a_key_that_stands_twice_is_malformed(client: APIClient, path: str, body: str) -> None:
    books = Entry.objects.count()
    answer = send(client, path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert "twice" in answer.json()["detail"]
    assert Entry.objects.count() == books


@pytest.mark.parametrize(
    "amount",
    [
        *("1_0.00", "١٢.٥٠", "１２.５０", "+5", "5.", ".5", " 5", "5 ", "5,00", "1,000", "1 000", "0x10"),
        *("1e1", "1E1", "5.00\n", "5.0.0", "--5", "$5", "5 USD", "5\u200b", "\u22125", "1" * 41, ""),
        *("inf", "nan", "5.00\u0000", "²", "½", True, False, None, [], {}, ["5.00"]),
    ],
)
def test_an_amount_is_digits_with_at_most_one_point(client: APIClient, amount: object) -> None:
    books = Entry.objects.count()
    answer = client.post("/api/v1/top-ups/", {"amount": amount}, format="json")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["amount"]
    assert Entry.objects.count() == books


@pytest.mark.parametrize("literal", ["true", '"0.9"', '"0_9e-1"', '"٠.٩"', "1e999", "[0.9]", "null", "1.01"])
def test_a_goal_is_a_number_from_0_to_1(client: APIClient, result: ResultFor, literal: str) -> None:
    answer = send(client, f"predictions/{result().pk}/what-if/", f'{{"goal": {literal}}}')
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["goal"]


@pytest.mark.parametrize("goal", ["0.9", "1", "0", "-0.0", "9e-1"])
def test_a_goal_may_be_written_as_json_does(client: APIClient, result: ResultFor, goal: str) -> None:
    assert send(client, f"predictions/{result().pk}/what-if/", f'{{"goal": {goal}}}').status_code == 200


@pytest.mark.parametrize("value", [641370, 1.5, True, None, [], {}])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("auth/register/", "username"),
        ("auth/register/", "email"),
        ("auth/register/", "password"),
        ("auth/token/", "username"),
        ("auth/token/", "password"),
        ("auth/token/refresh/", "refresh"),
        ("auth/logout/", "refresh"),
        ("predictions/", "model"),
        ("predictions/", "label"),
        ("comparisons/", "label"),
    ],
)
def test_a_text_is_no_number(
    client: APIClient, applicant: Applicant, path: str, field: str, value: object
) -> None:
    good: dict[str, dict[str, object]] = {
        "auth/register/": {"username": "641370", "email": "c@example.org", "password": PASSWORD},
        "auth/token/": {"username": "alice", "password": PASSWORD},
        "auth/token/refresh/": {},
        "auth/logout/": {},
        "predictions/": {"model": "catboost", "applicant": applicant},
        "comparisons/": {"applicant": applicant},
    }
    people = User.objects.count()
    answer = client.post(f"/api/v1/{path}", good[path] | {field: value}, format="json")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert User.objects.count() == people
    assert not Prediction.objects.exists()


@pytest.mark.parametrize("changes", ["[]", '"x"', "1", "true", "null"])
def test_changes_are_an_object(client: APIClient, result: ResultFor, changes: str) -> None:
    answer = send(client, f"predictions/{result().pk}/what-if/", f'{{"changes": {changes}}}')
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["changes"]
