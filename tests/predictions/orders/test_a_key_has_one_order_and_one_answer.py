"""A key of a client pays for one thing, and gives its first answer to whoever it belongs to."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry, IdempotencyRecord
from billing.services import wallet_of
from predictions.jobs.worker import score_queued
from predictions.models import Comparison, Prediction
from predictions.scoring.schema import Applicant
from tests.support.crashes import killed_at, storing_the_answer
from tests.support.orders import OrderFor
from tests.support.people import Answer, ApiClientFor, give_money

KEY = {"Idempotency-Key": "key"}


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    give_money(alice, 1000_00)
    return api(alice)


@pytest.fixture
def queued(alice: User, client: APIClient, order: OrderFor) -> Prediction:
    """An order of alice's that was not made with `KEY`."""
    return order(alice)


def buy_one(client: APIClient, applicant: Applicant, *, host: str = "testserver", **more: str) -> Answer:
    body = {"model": "logistic-regression", "applicant": applicant, **more}
    answer: Answer = client.post("/api/v1/predictions/", body, format="json", headers=KEY, SERVER_NAME=host)
    return answer


def compare(client: APIClient, applicant: Applicant) -> Answer:
    answer: Answer = client.post("/api/v1/comparisons/", {"applicant": applicant}, "json", headers=KEY)
    return answer


def top_up(client: APIClient, _applicant: Applicant) -> Answer:
    answer: Answer = client.post("/api/v1/top-ups/", {"amount": "10.00"}, "json", headers=KEY)
    return answer


def cancel(client: APIClient, prediction: Prediction) -> Answer:
    answer: Answer = client.post(f"/api/v1/predictions/{prediction.pk}/cancel/", headers=KEY)
    return answer


@pytest.mark.parametrize("buy", [buy_one, compare])
def test_two_customers_may_use_the_same_key(
    client: APIClient,
    bob: User,
    api: ApiClientFor,
    applicant: Applicant,
    buy: Callable[[APIClient, Applicant], Answer],
) -> None:
    give_money(bob, 1000_00)
    others = api(bob)
    firsts = [buy(client, applicant), buy(others, applicant)]
    seconds = [buy(client, applicant), buy(others, applicant)]
    assert {answer.status_code for answer in firsts} == {202}
    assert [answer.content for answer in seconds] == [answer.content for answer in firsts]
    assert [answer["Location"] for answer in seconds] == [answer["Location"] for answer in firsts]
    assert {answer["Idempotent-Replayed"] for answer in seconds} == {"true"}
    assert firsts[0].json()["id"] != firsts[1].json()["id"]
    assert Entry.objects.filter(kind="charge").count() == (2 if buy is buy_one else 6)


def test_the_first_answer_is_given_whatever_has_become_of_the_order(
    client: APIClient, applicant: Applicant
) -> None:
    first, records = buy_one(client, applicant), IdempotencyRecord.objects.values()
    before = list(records)
    score_queued()
    again = buy_one(client, applicant)
    assert (again.status_code, again.content) == (202, first.content)
    assert list(records.all()) == before


def test_the_address_of_the_order_is_of_the_host_that_was_asked(
    client: APIClient, applicant: Applicant
) -> None:
    first, again = buy_one(client, applicant), buy_one(client, applicant, host="localhost")
    path = f"/api/v1/predictions/{first.json()['id']}/"
    assert IdempotencyRecord.objects.get().location == path
    assert first["Location"] == f"http://testserver{path}"
    assert again["Location"] == f"http://localhost{path}"


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("first", [buy_one, compare, top_up])
def test_a_key_that_has_moved_money_does_nothing_else(
    client: APIClient,
    alice: User,
    applicant: Applicant,
    queued: Prediction,
    first: Callable[[APIClient, Applicant], Answer],
    stored: bool,
) -> None:
    """Even if its answer was never stored: the ledger has the key."""
    assert first(client, applicant).status_code in (201, 202)
    if not stored:
        IdempotencyRecord.objects.all().delete()
    balance = wallet_of(alice).balance
    others = [do(client, applicant) for do in (buy_one, compare, top_up) if do is not first]
    others += [first(client, applicant | {"person_age": 40})] if first is not top_up else []
    others += [cancel(client, queued)]
    assert {(answer.status_code, answer.json()["code"]) for answer in others} == {
        (422, "idempotency_key_reused")
    }
    queued.refresh_from_db()
    assert queued.status == "queued"
    assert wallet_of(alice).balance == balance
    call_command("check_ledger")


def test_a_key_that_has_canceled_one_order_cancels_no_other(
    client: APIClient, applicant: Applicant, queued: Prediction
) -> None:
    other = Prediction.objects.get(pk=buy_one(client, applicant).json()["id"])
    IdempotencyRecord.objects.all().delete()
    headers = {"Idempotency-Key": "cancel"}
    path = "/api/v1/predictions/{}/cancel/"
    first = client.post(path.format(queued.pk), headers=headers)
    assert (first.status_code, first.json()["status"]) == (200, "canceled")
    refused = client.post(path.format(other.pk), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    other.refresh_from_db()
    assert other.status == "queued"
    again = client.post(path.format(queued.pk), headers=headers)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("buy", [buy_one, compare])
def test_an_order_whose_process_died_before_its_answer_is_answered_at_once(
    client: APIClient, applicant: Applicant, buy: Callable[[APIClient, Applicant], Answer]
) -> None:
    with killed_at(storing_the_answer) as death:
        buy(client, applicant)
    assert death.happened
    assert not IdempotencyRecord.objects.exists()
    charges = Entry.objects.filter(kind="charge").count()
    again, third = buy(client, applicant), buy(client, applicant)
    assert (again.status_code, again["Idempotent-Replayed"]) == (202, "true")
    sold = Prediction.objects.get() if buy is buy_one else Comparison.objects.get()
    assert again["Location"].endswith(f"/{sold.pk}/")
    assert (third.content, third["Location"]) == (again.content, again["Location"])
    assert Entry.objects.filter(kind="charge").count() == charges
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", ["", "another"])
def test_a_parallel_request_is_answered_while_the_first_one_waits(
    client: APIClient, alice: User, applicant: Applicant, label: str
) -> None:
    """What is stored meanwhile is answered to both; and who has paid is never refused."""

    def wait() -> Answer:
        body = {"model": "logistic-regression", "applicant": applicant}
        headers = KEY | {"Prefer": "wait=10"}
        try:
            answer: Answer = client.post("/api/v1/predictions/", body, format="json", headers=headers)
            return answer
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        while not (Prediction.objects.exists() or waiting.done()):
            time.sleep(0.01)
        quick = buy_one(client, applicant, **({"label": label} if label else {}))
        assert (quick.status_code, quick["Idempotent-Replayed"]) == (202, "true")
        score_queued()
        slow = waiting.result()
    if label:
        assert (slow.status_code, slow.json()["status"]) == (201, "succeeded")
    else:
        assert (slow.status_code, slow.content) == (202, quick.content)
    assert slow.json()["id"] == quick.json()["id"] == str(Prediction.objects.get().pk)
    assert wallet_of(alice).balance == 990_00
