"""The contract of `api-keys/`, and every input that it refuses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from tests.support.keys import KeyFor, program
from tests.support.people import Answer, ApiClientFor

KEYS = "/api/v1/api-keys/"
GOOD: dict[str, Any] = {"name": "loan desk", "scopes": ["read", "predict"]}


def create(api: ApiClientFor, user: User, **members: Any) -> Answer:
    answer: Answer = api(user).post(KEYS, GOOD | members, format="json")
    return answer


def test_a_new_key_has_what_the_contract_says(alice: User, api: ApiClientFor) -> None:
    end = (timezone.now() + timedelta(days=1)).isoformat()
    members = {"daily_limit": "25.00", "orders_per_minute": 60, "expires_at": end}
    answer = create(api, alice, **members)
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {
        *("id", "name", "prefix", "scopes", "daily_limit", "currency", "orders_per_minute"),
        *("created_at", "expires_at", "last_used_at", "key"),
    }
    assert body["key"].startswith(body["prefix"])
    assert (body["name"], body["scopes"]) == ("loan desk", ["read", "predict"])
    assert (body["daily_limit"], body["currency"], body["orders_per_minute"]) == ("25.00", "USD", 60)
    assert body["last_used_at"] is None
    assert program(body["key"]).get("/api/v1/balance/").status_code == 200
    [listed] = api(alice).get(KEYS).json()["results"]
    assert listed["last_used_at"].endswith("Z")


def test_limits_and_an_end_may_be_left_out_or_null(alice: User, api: ApiClientFor) -> None:
    for members in ({}, {"daily_limit": None, "orders_per_minute": None, "expires_at": None}):
        body = create(api, alice, **members).json()
        assert (body["daily_limit"], body["orders_per_minute"], body["expires_at"]) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "blank"),
        ("name", "   ", "blank"),
        ("name", "x" * 101, "max_length"),
        ("name", 5, "invalid"),
        ("scopes", [], "invalid"),
        ("scopes", "read", "invalid"),
        ("scopes", ["read", "write"], "invalid"),
        ("scopes", [["read"]], "invalid"),
        ("scopes", ["read", "read"], "repeated"),
        ("scopes", None, "null"),
        ("daily_limit", "0", "min_value"),
        ("daily_limit", "0.00", "min_value"),
        ("daily_limit", "-1", "min_value"),
        ("daily_limit", "1.001", "max_decimal_places"),
        ("daily_limit", "10000000.01", "max_value"),
        ("daily_limit", True, "invalid"),
        ("daily_limit", "1_000", "invalid"),
        ("daily_limit", "١", "invalid"),
        ("orders_per_minute", 0, "min_value"),
        ("orders_per_minute", "5", "invalid"),
        ("orders_per_minute", True, "invalid"),
        ("orders_per_minute", 1.0, "invalid"),
        ("orders_per_minute", 1_000_001, "max_value"),
        ("expires_at", "2020-01-01T00:00:00Z", "in_the_past"),
        ("expires_at", "2030-01-01", "invalid"),
        ("expires_at", "2030-01-01T00:00:00", "invalid"),
        ("expires_at", "2030-02-30T00:00:00Z", "invalid"),
        ("expires_at", 1893456000, "invalid"),
        ("expires_at", "9999-12-31T23:59:59-12:00", "invalid"),
        ("expires_at", "2030-01-01T24:61:00Z", "invalid"),
        ("admin", True, "unknown_field"),
    ],
)
def test_what_is_refused(alice: User, api: ApiClientFor, field: str, value: object, code: str) -> None:
    answer = create(api, alice, **{field: value})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("missing", ["name", "scopes"])
def test_name_and_scopes_are_needed(alice: User, api: ApiClientFor, missing: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != missing}
    answer = api(alice).post(KEYS, body, format="json")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(missing, "required")]


def test_the_list_is_a_page_of_ones_own_keys_that_work(
    alice: User, bob: User, api: ApiClientFor, new_key: KeyFor
) -> None:
    names = [f"key {number}" for number in range(3)]
    for name in names:
        create(api, alice, name=name)
    new_key(bob)
    revoked, expired = new_key(alice).key, new_key(alice).key
    keys.revoke(ApiKey.objects.filter(pk=revoked.pk))
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    first = api(alice).get(f"{KEYS}?page_size=2").json()
    assert [key["name"] for key in first["results"]] == ["key 2", "key 1"]
    second = api(alice).get(first["next"]).json()
    assert [key["name"] for key in second["results"]] == ["key 0"]
    assert second["next"] is None


@pytest.mark.django_db(transaction=True)
def test_the_number_of_keys_is_bounded_for_parallel_requests_too(
    alice: User, api: ApiClientFor, new_key: KeyFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 3)
    client = api(alice)

    def ask(_number: int) -> int:
        try:
            return int(client.post(KEYS, GOOD, format="json").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(ask, range(12)))
    assert codes == [201] * 3 + [409] * 9
    assert create(api, alice).json()["code"] == "too_many_api_keys"
    keys.revoke(ApiKey.objects.filter(pk=ApiKey.objects.latest("created_at").pk))
    assert create(api, alice).status_code == 201
