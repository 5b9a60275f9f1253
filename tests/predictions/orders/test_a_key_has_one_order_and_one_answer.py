"""A key of a client pays for one thing, and gives its first answer to whoever it belongs to."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry, IdempotencyRecord
from billing.services import wallet_of
from predictions.jobs.worker import score_queued
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders.comparisons import order_comparison
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


def cancel(client: APIClient, order: Prediction | Comparison) -> Answer:
    kind = "predictions" if isinstance(order, Prediction) else "comparisons"
    answer: Answer = client.post(f"/api/v1/{kind}/{order.pk}/cancel/", headers=KEY)
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
    assert not any("Idempotent-Replayed" in answer for answer in firsts)
    assert [answer.content for answer in seconds] == [answer.content for answer in firsts]
    assert [answer["Location"] for answer in seconds] == [answer["Location"] for answer in firsts]
    assert {answer["Idempotent-Replayed"] for answer in seconds} == {"true"}
    assert firsts[0].json()["id"] != firsts[1].json()["id"]
    assert Entry.objects.filter(kind="charge").count() == (2 if buy is buy_one else 6)
    IdempotencyRecord.objects.all().delete()
    thirds = [buy(client, applicant), buy(others, applicant)]
    assert [answer.json()["id"] for answer in thirds] == [answer.json()["id"] for answer in firsts]


def test_the_members_of_its_body_may_come_in_any_order(client: APIClient, applicant: Applicant) -> None:
    first, second = buy_one(client, applicant), buy_one(client, dict(reversed(applicant.items())))
    assert (second.status_code, second.content) == (202, first.content)
    assert second["Idempotent-Replayed"] == "true"


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
    compared = order_comparison(user=alice, applicant=applicant, request_key="another")
    assert first(client, applicant).status_code in (201, 202)
    if not stored:
        IdempotencyRecord.objects.all().delete()
    balance = wallet_of(alice).balance
    others = [do(client, applicant) for do in (buy_one, compare, top_up) if do is not first]
    others += [first(client, applicant | {"person_age": 40})] if first is not top_up else []
    others += [cancel(client, queued), cancel(client, compared)]
    assert {(answer.status_code, answer.json()["code"]) for answer in others} == {
        (422, "idempotency_key_reused")
    }
    assert set(Prediction.objects.values_list("status", flat=True)) == {"queued"}
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
def test_an_order_is_sold_with_its_answer_or_not_at_all(client: APIClient, applicant: Applicant) -> None:
    with killed_at(storing_the_answer) as death:
        buy_one(client, applicant)
    assert death.happened
    assert not Prediction.objects.exists()
    first, second = buy_one(client, applicant), buy_one(client, applicant)
    assert (first.status_code, "Idempotent-Replayed" in first) == (202, False)
    assert (second.content, second["Idempotent-Replayed"]) == (first.content, "true")
    assert Entry.objects.filter(kind="charge").count() == 1
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("buy", [buy_one, compare])
def test_an_order_without_a_stored_answer_is_answered_at_once(
    client: APIClient, applicant: Applicant, buy: Callable[[APIClient, Applicant], Answer]
) -> None:
    """Its process has died before the answer, or the answer has expired."""
    buy(client, applicant)
    IdempotencyRecord.objects.all().delete()
    charges = Entry.objects.filter(kind="charge").count()
    again, third = buy(client, applicant), buy(client, applicant)
    assert (again.status_code, again["Idempotent-Replayed"]) == (202, "true")
    sold = Prediction.objects.get() if buy is buy_one else Comparison.objects.get()
    assert again["Location"].endswith(f"/{sold.pk}/")
    assert (third.content, third["Location"]) == (again.content, again["Location"])
    assert Entry.objects.filter(kind="charge").count() == charges
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_a_comparison_whose_process_died_before_its_answer_is_answered_at_once(
    client: APIClient, applicant: Applicant
) -> None:
    with killed_at(storing_the_answer) as death:
        compare(client, applicant)
    assert death.happened
    assert not IdempotencyRecord.objects.exists()
    again = compare(client, applicant)
    assert (again.status_code, again["Idempotent-Replayed"]) == (202, "true")
    assert Entry.objects.filter(kind="charge").count() == 3
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_a_parallel_request_is_answered_while_the_first_one_waits(
    client: APIClient, alice: User, bob: User, api: ApiClientFor, applicant: Applicant
) -> None:
    # Another customer's answer to the same key is not theirs.
    assert top_up(api(bob), applicant).status_code == 201

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
        quick = buy_one(client, applicant)
        refused = buy_one(client, applicant, label="another")
        score_queued()
        slow = waiting.result()
    again = buy_one(client, applicant)
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert (again.content, again["Location"]) == (slow.content, slow["Location"])
    assert (quick.status_code, quick["Idempotent-Replayed"]) == (202, "true")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert (slow.status_code, slow.json()["status"]) == (201, "succeeded")
    assert slow.json()["id"] == quick.json()["id"] == str(Prediction.objects.get().pk)
    assert wallet_of(alice).balance == 990_00


def test_a_key_that_another_customer_has_paid_with_cancels(
    client: APIClient, bob: User, api: ApiClientFor, applicant: Applicant, queued: Prediction
) -> None:
    give_money(bob, 10_00)
    assert buy_one(api(bob), applicant).status_code == 202
    assert cancel(client, queued).status_code == 200


@pytest.mark.parametrize("change", [{"person_age": 33}, {"person_age": "no age"}])
def test_another_body_is_refused_also_if_the_first_request_waited(
    client: APIClient, applicant: Applicant, change: dict[str, object]
) -> None:
    body = {"model": "logistic-regression", "applicant": applicant}
    wait = KEY | {"Prefer": "wait=1"}
    assert client.post("/api/v1/predictions/", body, "json", headers=wait).status_code == 202
    refused = buy_one(client, {**applicant, **change})  # type: ignore[dict-item]
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_what_was_right_at_first_is_answered_when_it_is_right_no_more(
    client: APIClient, applicant: Applicant
) -> None:
    first = buy_one(client, applicant)
    ScoringModel.objects.filter(slug="logistic-regression").update(slug="of-last-year")
    again = buy_one(client, applicant)
    assert (again.status_code, again.content) == (202, first.content)
    assert again["Idempotent-Replayed"] == "true"


def test_whoever_has_paid_is_not_refused(
    client: APIClient, applicant: Applicant, queued: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancel has no key in the ledger, so it may store its answer while a top-up with the key is made."""
    render, canceled = JSONRenderer.render, []

    def after_a_cancel(*arguments: Any) -> Any:
        """The money is booked, and the answer is rendered to be stored."""
        monkeypatch.setattr(JSONRenderer, "render", render)
        IdempotencyRecord.objects.create(
            user=queued.user, key="key", fingerprint="of a cancel", status=200, body="{}"
        )
        canceled.append(True)
        return render(*arguments)

    monkeypatch.setattr(JSONRenderer, "render", after_a_cancel)
    body = '{"amount": "10.00"}'
    answer = client.post("/api/v1/top-ups/", body, content_type="application/json", headers=KEY)
    assert canceled
    assert (answer.status_code, answer.json()["amount"]) == (201, "10.00")


@pytest.mark.django_db(transaction=True)
def test_whoever_asks_again_may_wait_too(client: APIClient, applicant: Applicant) -> None:
    first = buy_one(client, applicant)
    score_queued()
    body = {"model": "logistic-regression", "applicant": applicant}
    again = client.post("/api/v1/predictions/", body, "json", headers=KEY | {"Prefer": "wait=1"})
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert (again.json()["id"], again.json()["status"]) == (first.json()["id"], "succeeded")
