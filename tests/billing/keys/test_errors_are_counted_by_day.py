"""What a key was refused or failed at, by day: one statement each, and never the fault of an answer."""

from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from billing.keys import usage
from billing.models import KeyDay
from tests.support.keys import KeyFor, me, program
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor


def errors() -> list[int]:
    return list(KeyDay.objects.values_list("errors", flat=True))


def test_refusals_are_counted_and_answers_are_not(alice: User, catalog: None, new_key: KeyFor) -> None:
    new = new_key(alice, ["read"])
    client = program(new)
    assert me(new).status_code == 200
    assert errors() == []
    assert client.get("/api/v1/predictions/?status=nonsense").status_code == 422
    assert client.post("/api/v1/top-ups/", {"amount": "1"}, format="json").status_code == 403
    assert client.get(f"/api/v1/predictions/{new.key.pk}/").status_code == 404
    assert client.put("/api/v1/me/", {}, format="json").status_code in (403, 405)
    assert errors() == [4]
    assert (KeyDay.objects.get().orders, KeyDay.objects.get().spent) == (0, 0)


def test_one_statement_counts(alice: User, new_key: KeyFor) -> None:
    client = program(new_key(alice))
    client.get("/api/v1/me/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/v1/me/?unknown=1").status_code == 422
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "INSERT"]


def test_a_key_that_is_refused_counts_nothing(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    keys.revoke(ApiKey.objects.all())
    assert me(new).status_code == 401
    assert errors() == []


def test_tokens_count_nothing(alice: User, api: ApiClientFor) -> None:
    assert api(alice).get("/api/v1/me/?unknown=1").status_code == 422
    assert errors() == []


def test_unexpected_errors_count(alice: User, new_key: KeyFor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = program(new_key(alice))
    client.raise_request_exception = False
    client.get("/api/v1/me/")

    def break_down(user: User) -> None:
        raise RuntimeError

    monkeypatch.setattr("billing.services.wallet_of", break_down)
    assert client.get("/api/v1/me/").status_code == 500
    assert errors() == [1]


def test_a_service_that_is_away_does_not_count(
    alice: User, new_key: KeyFor, result: ResultFor, settings: Settings, tmp_path: Path
) -> None:
    prediction = result("logistic-regression")
    settings.ARTIFACTS_DIR = tmp_path
    answer = program(new_key(alice)).get(f"/api/v1/predictions/{prediction.pk}/curve/?field=loan_amnt")
    assert answer.status_code == 503
    assert errors() == []


def test_an_answer_does_not_fail_with_its_count(
    alice: User, new_key: KeyFor, caplog: pytest.LogCaptureFixture
) -> None:
    new = new_key(alice)
    client = program(new)
    client.get("/api/v1/me/")

    def fail(execute: object, sql: str, *rest: object) -> object:
        if sql == usage.COUNT_ERROR:
            raise DatabaseError("locked")
        return execute(sql, *rest)  # type: ignore[operator]

    with connection.execute_wrapper(fail):
        assert client.get("/api/v1/me/?unknown=1").status_code == 422
    assert str(new.key.pk) in caplog.text
