"""`RateLimit-Policy` and `RateLimit`, structured fields, in every answer of an operation with a limit."""

import re
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import throttling
from accounts.models import User
from predictions.results import explanations
from predictions.scoring.schema import Applicant
from tests.support.broker import Broker
from tests.support.keys import KeyFor, program
from tests.support.orders import ResultFor
from tests.support.people import Answer, ApiClientFor, give_money

PREDICTIONS = "/api/v1/predictions/"
# Lists of strings with parameters that are integers (RFC 9651).
ITEM = r'"[a-z-]+"(?:;[a-z]+=[0-9]+)+'
FIELD = re.compile(rf"{ITEM}(?:, {ITEM})*")


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None, settings: Settings) -> APIClient:
    settings.ORDERS_PER_MINUTE = 3
    give_money(alice, 1000_00)
    return api(alice)


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "time", SimpleNamespace(time=lambda: 1_000_025.0))


def order(
    client: APIClient, applicant: Applicant, model: str = "logistic-regression", **headers: str
) -> Answer:
    body = {"model": model, "applicant": applicant}
    answer: Answer = client.post(PREDICTIONS, body, format="json", headers=headers)
    return answer


def fields(answer: Answer) -> tuple[str, str]:
    policy, state = answer["RateLimit-Policy"], answer["RateLimit"]
    assert FIELD.fullmatch(policy)
    assert FIELD.fullmatch(state)
    return policy, re.sub(r";t=[0-9]+", "", state)


def reset(answer: Answer) -> int:
    return int(re.findall(r"t=([0-9]+)", answer["RateLimit"])[-1])


def test_orders_count_down_and_the_429_agrees_with_itself(client: APIClient, applicant: Applicant) -> None:
    answers = [order(client, applicant) for _number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    policy = '"orders";q=3;w=60'
    assert [fields(answer) for answer in answers] == [(policy, f'"orders";r={left}') for left in (2, 1, 0, 0)]
    assert reset(answers[3]) == int(answers[3]["Retry-After"])
    assert all(1 <= reset(answer) <= 60 for answer in answers)


def test_answers_that_sell_nothing_tell_it_too(client: APIClient, alice: User, applicant: Applicant) -> None:
    bought = order(client, applicant, **{"Idempotency-Key": "one"})
    replayed = order(client, applicant, **{"Idempotency-Key": "one"})
    invalid = order(client, applicant | {"person_age": 5})
    unknown = order(client, applicant, "no-such-model")
    assert [answer.status_code for answer in (bought, replayed, invalid, unknown)] == [202, 202, 422, 422]
    assert {fields(answer) for answer in (bought, replayed, invalid, unknown)} == {
        ('"orders";q=3;w=60', '"orders";r=2')
    }


def test_a_comparison_counts_its_models(client: APIClient, applicant: Applicant) -> None:
    body = {"applicant": applicant}
    answers = [client.post("/api/v1/comparisons/", body, format="json") for _number in range(2)]
    assert [(answer.status_code, fields(answer)[1]) for answer in answers] == [
        (202, '"orders";r=0'),
        (429, '"orders";r=0'),
    ]


def test_a_key_with_a_limit_of_its_own_has_both(
    client: APIClient, alice: User, applicant: Applicant, new_key: KeyFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.keys.usage._minute", lambda at: 7)
    keyed = program(new_key(alice, orders_per_minute=1))
    order(client, applicant)
    answers = [order(keyed, applicant) for _number in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]
    policy = '"orders";q=3;w=60, "key-orders";q=1;w=60'
    assert fields(answers[0]) == (policy, '"orders";r=1, "key-orders";r=0')
    assert sorted(fields(answers[1])[1].split(", ")) == ['"key-orders";r=0', '"orders";r=1']
    assert answers[1].json()["code"] == "too_many_orders_of_key"


def test_explanations_and_what_if(client: APIClient, result: ResultFor, settings: Settings) -> None:
    settings.ORDERS_PER_MINUTE, settings.EXPLANATIONS_PER_MINUTE = 0, 2
    first, second, third = (result("logistic-regression") for _number in range(3))
    explained = [client.get(f"{PREDICTIONS}{one.pk}/explanation/") for one in (first, first, second, third)]
    assert [(answer.status_code, fields(answer)) for answer in explained] == [
        (code, ('"explanations";q=2;w=60', f'"explanations";r={left}'))
        for code, left in ((202, 1), (202, 1), (202, 0), (429, 0))
    ]
    explanations.explain_and_store([first])
    assert fields(client.get(f"{PREDICTIONS}{first.pk}/explanation/"))[1] == '"explanations";r=0'
    address = f"{PREDICTIONS}{first.pk}"
    asked = [
        client.post(f"{address}/what-if/", {"changes": {"loan_amnt": 5000}}, format="json"),
        client.get(f"{address}/curve/?field=loan_amnt"),
        client.post(f"{address}/check/"),
        client.get(f"{address}/curve/?field=nonsense"),
        client.post(f"{PREDICTIONS}{first.charge.public_id}/check/"),
    ]
    assert [(answer.status_code, fields(answer)) for answer in asked] == [
        (code, ('"what-if";q=60;w=60', f'"what-if";r={left}'))
        for code, left in ((200, 59), (200, 58), (200, 57), (422, 57), (404, 57))
    ]
    assert {reset(answer) for answer in asked} == {60 - 1_000_025 % 60}


def test_what_has_no_limit_tells_none(client: APIClient, applicant: Applicant, settings: Settings) -> None:
    settings.ORDERS_PER_MINUTE = 0
    answers = [order(client, applicant), client.get(PREDICTIONS), client.get("/api/v1/me/")]
    assert not [name for answer in answers for name in answer.headers if name.startswith("RateLimit")]


def test_a_stranger_is_told_nothing(catalog: None) -> None:
    answer = APIClient().post(PREDICTIONS, {}, format="json")
    assert answer.status_code == 401
    assert "RateLimit" not in answer.headers


def test_without_the_cache_the_policy_is_told_alone(
    client: APIClient, result: ResultFor, own_broker: Broker
) -> None:
    address = f"{PREDICTIONS}{result('logistic-regression').pk}/curve/?field=loan_amnt"
    own_broker.stop()
    answer = client.get(address)
    assert (answer.status_code, answer["RateLimit-Policy"]) == (200, '"what-if";q=60;w=60')
    assert "RateLimit" not in answer.headers


def test_an_order_that_was_paid_does_not_fail_with_its_headers(
    client: APIClient, applicant: Applicant
) -> None:
    """A comparison reads what is left after it was sold."""

    counts: list[str] = []

    def fail(execute: object, sql: str, *rest: object) -> object:
        counts.extend([sql] if "COUNT(" in sql else [])
        # The first one is that of the order.
        if len(counts) > 1:
            raise DatabaseError("away")
        return execute(sql, *rest)  # type: ignore[operator]

    with connection.execute_wrapper(fail):
        answer = client.post("/api/v1/comparisons/", {"applicant": applicant}, format="json")
    assert (answer.status_code, len(counts)) == (202, 2)
    assert "RateLimit" not in answer.headers
