"""Every bad input gets a 4xx that names the field, in the client's language, and no charge."""

import json
import uuid

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS, Applicant, NumberField
from tests.support.people import Answer, ApiClientFor, give_money

NUMBERS = [field.name for field in FIELDS if isinstance(field, NumberField)]
CHOICES = [field.name for field in FIELDS if not isinstance(field, NumberField)]
NULLABLE = {"person_emp_length", "loan_int_rate", "loan_percent_income"}
HUGE = 10**300


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


def post(client: APIClient, body: object, language: str = "en") -> Answer:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    answer: Answer = client.post(
        "/api/v1/predictions/", text, content_type="application/json", headers={"Accept-Language": language}
    )
    return answer


def refused(answer: Answer, status: int = 422) -> dict[str, object]:
    """The problem, after a look that nothing was sold."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Prediction.objects.exists()
    assert not Entry.objects.filter(kind="charge").exists()
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail", "code"} <= problem.keys()
    return problem


def fields(problem: dict[str, object]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in problem["errors"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("value", [-1, HUGE, "12", "", "x\x00", True, [], {}, [12]])
def test_a_wrong_number(client: APIClient, applicant: Applicant, field: str, value: object) -> None:
    answer = post(client, {"model": "catboost", "applicant": applicant | {field: value}})
    assert field in fields(refused(answer))


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize("value", ["", "x", "a\x00", "\ud800", None, 1, True, [], {}])
def test_a_wrong_choice(client: APIClient, applicant: Applicant, field: str, value: object) -> None:
    answer = post(client, {"model": "catboost", "applicant": applicant | {field: value}})
    assert fields(refused(answer)).keys() == {field}


@pytest.mark.parametrize("field", [field.name for field in FIELDS if field.name != "loan_percent_income"])
def test_a_missing_field(client: APIClient, applicant: Applicant, field: str) -> None:
    del applicant[field]
    answer = post(client, {"model": "catboost", "applicant": applicant})
    assert fields(refused(answer)) == {field: "required"}


@pytest.mark.parametrize("field", sorted(set(NUMBERS) - NULLABLE))
def test_a_null_where_a_value_is_needed(client: APIClient, applicant: Applicant, field: str) -> None:
    answer = post(client, {"model": "catboost", "applicant": applicant | {field: None}})
    assert fields(refused(answer)) == {field: "required"}


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1" * 5000])
def test_numbers_that_json_does_not_have(client: APIClient, applicant: Applicant, literal: str) -> None:
    body = json.dumps({"model": "catboost", "applicant": applicant})
    refused(post(client, body.replace('"person_age": 32', f'"person_age": {literal}')), 400)


def test_a_number_that_overflows(client: APIClient, applicant: Applicant) -> None:
    body = json.dumps({"model": "catboost", "applicant": applicant})
    answer = post(client, body.replace('"person_age": 32', '"person_age": 1e999'))
    assert fields(refused(answer)) == {"person_age": "not_a_number"}


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"person_emp_length": 33}, {"person_emp_length": "exceeds_age"}),
        ({"cb_person_cred_hist_length": 33}, {"cb_person_cred_hist_length": "exceeds_age"}),
        ({"loan_percent_income": 0.2}, {"loan_percent_income": "contradiction"}),
        ({"person_income": 100, "loan_percent_income": None}, {"loan_percent_income": "out_of_bounds"}),
        ({"person_age": 32.5}, {"person_age": "not_an_integer"}),
        ({"loan_status": 0}, {"loan_status": "unknown_field"}),
        (
            {"person_age": 17, "loan_grade": "H"},
            {"person_age": "out_of_bounds", "loan_grade": "invalid_choice"},
        ),
    ],
)
def test_facts_that_contradict_each_other(
    client: APIClient, applicant: Applicant, facts: Applicant, named: dict[str, str]
) -> None:
    answer = post(client, {"model": "catboost", "applicant": applicant | facts})
    assert fields(refused(answer)) == named


@pytest.mark.parametrize("name", ["\ud800", "\x00", "x" * 100_000])
def test_a_field_that_somebody_made_up(client: APIClient, applicant: Applicant, name: str) -> None:
    answer = post(client, {"model": "catboost", "applicant": applicant | {name: 1}})
    assert set(fields(refused(answer)).values()) == {"unknown_field"}
    assert len(answer.content) < 1000


@pytest.mark.parametrize("model", ["", "xgboost", "catboost\x00", "\ud800", None, 1, [], "x" * 100_000])
def test_an_unknown_model(client: APIClient, applicant: Applicant, model: object) -> None:
    assert "model" in fields(refused(post(client, {"model": model, "applicant": applicant})))


@pytest.mark.parametrize("applicant_value", [None, [], "x", 1])
def test_an_applicant_that_is_no_object(client: APIClient, applicant_value: object) -> None:
    answer = post(client, {"model": "catboost", "applicant": applicant_value})
    assert "applicant" in fields(refused(answer))


@pytest.mark.parametrize("body", ["", "{", "{'a': 1}", "[" * 100_000, b"\xff\xfe", '{"a": 1} x'])
def test_broken_json(client: APIClient, body: str) -> None:
    problem = refused(post(client, body), 422 if body == "" else 400)
    assert problem["code"] in {"malformed", "validation_error"}


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1"])
def test_json_that_is_no_object(client: APIClient, body: str) -> None:
    refused(post(client, body))


def test_a_wrong_content_type(client: APIClient) -> None:
    answer = client.post(
        "/api/v1/predictions/", "model=catboost", content_type="application/x-www-form-urlencoded"
    )
    assert refused(answer, 415)["code"] == "unsupported_media_type"


def test_a_body_that_is_too_large(client: APIClient) -> None:
    for size in (1_000_001, 3_000_000):
        assert refused(post(client, " " * size), 413)["code"] == "too_large"


def test_a_balance_that_is_too_small(
    bob: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(bob, 99_99)
    problem = refused(post(api(bob), {"model": "catboost", "applicant": applicant}), 402)
    assert problem["code"] == "insufficient_funds"
    assert (problem["balance"], problem["required"]) == ("99.99", "100.00")


def test_nobody_at_all(applicant: Applicant, catalog: None) -> None:
    answer = post(APIClient(), {"model": "catboost", "applicant": applicant})
    assert refused(answer, 401)["code"] == "not_authenticated"


def test_it_speaks_the_readers_language_and_keeps_the_code(client: APIClient, applicant: Applicant) -> None:
    body = {"model": "catboost", "applicant": applicant | {"person_age": 17}}
    english, russian = (refused(post(client, body, language)) for language in ("en", "ru"))
    assert english["errors"] == [
        {"field": "person_age", "code": "out_of_bounds", "detail": "Enter a number from 18 to 100."}
    ]
    assert russian["errors"] == [
        {"field": "person_age", "code": "out_of_bounds", "detail": "Введите число от\u00a018 до\u00a0100."}
    ]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("predictions/?cursor=cD1hYmM=", 422),
        ("predictions/?cursor=x", 422),
        # The ends of the calendar: 9999-12-31T23:59:59.999999-12:00 and 0001-01-01T00:00:00+12:00.
        ("predictions/?cursor=cD05OTk5LTEyLTMxVDIzOjU5OjU5Ljk5OTk5OS0xMjowMA==", 422),
        ("predictions/?cursor=cD0wMDAxLTAxLTAxVDAwOjAwOjAwKzEyOjAw", 422),
        ("predictions/?status=x", 422),
        ("predictions/?status=%00", 422),
        ("predictions/?model=%00", 422),
        ("predictions/00000000-0000-0000-0000-000000000000/", 404),
        ("predictions/x/", 404),
        ("predictions/%00/", 404),
        ("transactions/?cursor=cD1hYmM=", 422),
        # p=-9999999999999999999999999
        ("transactions/?cursor=cD0tOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ==", 422),
        # p=0001-01-01T00:00:00
        ("transactions/?cursor=cD0wMDAxLTAxLTAxVDAwOjAwOjAw", 422),
        ("predictions/?cursor=cD0wMDAxLTAxLTAxVDAwOjAwOjAw", 422),
        ("transactions/?kind=x", 422),
        ("models/x/", 404),
        ("models/%00/", 404),
        ("nothing/", 404),
    ],
)
def test_an_address_that_leads_nowhere(client: APIClient, address: str, status: int) -> None:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_a_position_beyond_all_rows_is_an_empty_page(client: APIClient) -> None:
    answer = client.get("/api/v1/transactions/", {"cursor": f"n{uuid.uuid4()}~1970-01-01T00:00:00+00:00"})
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_a_position_in_a_zone_that_no_database_knows(client: APIClient) -> None:
    cursor = f"n{uuid.uuid4()}~2026-11-23T10:00:00+23:59"
    assert client.get("/api/v1/predictions/", {"cursor": cursor}).json()["results"] == []


@pytest.mark.parametrize(
    "place", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "soon", "", "\x00"]
)
def test_a_position_outside_of_the_calendar(client: APIClient, place: str) -> None:
    answer = client.get("/api/v1/predictions/", {"cursor": f"p{uuid.uuid4()}~{place}"})
    assert answer.status_code == 422
    assert fields(answer.json()).keys() == {"cursor"}
