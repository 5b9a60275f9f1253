"""The most that a key spends on one UTC day, and its orders per minute, whatever comes at the same time."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry, KeyDay
from billing.services import wallet_of
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.keys import KeyFor, program
from tests.support.people import Answer, give_money


def order(client: APIClient, applicant: Applicant, **headers: str) -> Answer:
    body = {"model": "logistic-regression", "applicant": applicant}
    answer: Answer = client.post("/api/v1/predictions/", body, format="json", headers=headers)
    return answer


def compare(client: APIClient, applicant: Applicant) -> Answer:
    answer: Answer = client.post("/api/v1/comparisons/", {"applicant": applicant}, format="json")
    return answer


def in_parallel(clients: list[APIClient], applicant: Applicant, times: int) -> Counter[int]:
    def ask(number: int) -> int:
        try:
            return int(order(clients[number % len(clients)], applicant).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(ask, range(times)))


@pytest.mark.django_db(transaction=True)
def test_of_forty_orders_as_many_pass_as_the_limit_pays_for(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    limited, other = new_key(alice, daily_limit=75_00), new_key(alice)
    codes = in_parallel([program(limited)], applicant, 40)
    assert codes == {202: 7, 402: 33}
    day = KeyDay.objects.get(api_key=limited.key)
    assert (day.orders, day.spent) == (7, 70_00)
    assert wallet_of(alice).balance == 930_00
    assert in_parallel([program(other)], applicant, 1) == {202: 1}
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_two_keys_have_a_limit_each(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    pair = [new_key(alice, daily_limit=30_00) for _number in range(2)]
    assert in_parallel([program(key) for key in pair], applicant, 24) == {202: 6, 402: 18}
    assert sorted(KeyDay.objects.values_list("spent", flat=True)) == [30_00, 30_00]


@pytest.mark.django_db(transaction=True)
def test_orders_per_minute_hold_too(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.keys.usage._minute", lambda at: 7)
    give_money(alice, 1000_00)
    key = new_key(alice, orders_per_minute=5)
    assert in_parallel([program(key)], applicant, 24) == {202: 5, 429: 19}
    refused = order(program(key), applicant)
    assert refused.json()["code"] == "too_many_orders_of_key"
    assert 1 <= int(refused["Retry-After"]) <= 60
    monkeypatch.setattr("billing.keys.usage._minute", lambda at: 8)
    assert order(program(key), applicant).status_code == 202


def test_the_refusal_says_what_is_left(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    client = program(new_key(alice, daily_limit=15_00))
    assert order(client, applicant).status_code == 202
    texts = []
    for language in ("en", "ru"):
        refused = order(client, applicant, **{"Accept-Language": language})
        body = refused.json()
        assert (refused.status_code, body["code"]) == (402, "daily_limit_reached")
        assert (body["daily_limit"], body["spent"]) == ("15.00", "10.00")
        texts.append(body["detail"])
    assert texts[0] == "This order would exceed the daily limit of the API key. Nothing was charged."
    assert not texts[1].isascii()
    assert wallet_of(alice).balance == 990_00


def test_a_first_order_above_the_limit_is_refused(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    refused = order(program(new_key(alice, daily_limit=9_99)), applicant)
    assert (refused.status_code, refused.json()["spent"]) == (402, "0.00")
    assert not Prediction.objects.exists()


def test_a_comparison_is_bought_whole_or_not_at_all(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    client = program(new_key(alice, daily_limit=140_00))
    refused = [compare(client, applicant) for _number in range(2)][1]
    assert (refused.status_code, refused.json()["spent"]) == (402, "128.00")
    assert (Prediction.objects.count(), wallet_of(alice).balance) == (3, 872_00)
    day = KeyDay.objects.get()
    assert (day.orders, day.spent) == (3, 128_00)


def test_a_new_day_begins_at_midnight_utc(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    client = program(new_key(alice, daily_limit=10_00))
    assert [order(client, applicant).status_code for _number in range(2)] == [202, 402]
    day = KeyDay.objects.get()
    KeyDay.objects.update(date=day.date - timedelta(days=1))
    assert [order(client, applicant).status_code for _number in range(2)] == [202, 402]


def test_the_same_request_key_through_two_keys_is_one_order(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    first, second = new_key(alice, daily_limit=10_00), new_key(alice, daily_limit=1_00)
    answers = [
        order(program(key), applicant, **{"Idempotency-Key": "the same"}) for key in (first, second, first)
    ]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, "true", "true"]
    assert Entry.objects.filter(kind="charge").get().api_key_id == first.key.pk
    assert not KeyDay.objects.filter(api_key=second.key).exists()


def test_top_ups_are_not_spending(alice: User, catalog: None, new_key: KeyFor) -> None:
    client: Any = program(new_key(alice, ["pay"], daily_limit=1_00))
    assert client.post("/api/v1/top-ups/", {"amount": "50.00"}, format="json").status_code == 201
    assert not KeyDay.objects.exists()
