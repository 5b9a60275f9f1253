from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from accounts.models import User
from billing import idempotency, services
from billing.models import Entry, IdempotencyRecord
from tests.support.crashes import killed_at, storing_the_answer
from tests.support.people import Answer, ApiClientFor


def top_up(api: ApiClientFor, user: User, amount: str = "5.00", key: str = "key") -> Answer:
    answer: Answer = api(user).post(
        "/api/v1/top-ups/", {"amount": amount}, format="json", HTTP_IDEMPOTENCY_KEY=key
    )
    return answer


def test_it_gives_the_first_answer_and_says_so(alice: User, api: ApiClientFor) -> None:
    first, second = top_up(api, alice), top_up(api, alice)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert "Location" not in second
    assert Entry.objects.count() == 1


def test_another_body_is_refused(alice: User, api: ApiClientFor) -> None:
    top_up(api, alice)
    answer = top_up(api, alice, "6.00")
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Entry.objects.count() == 1


def test_a_key_belongs_to_its_user(alice: User, bob: User, api: ApiClientFor) -> None:
    firsts = [top_up(api, user) for user in (alice, bob)]
    assert not [answer for answer in firsts if "Idempotent-Replayed" in answer]
    seconds = [top_up(api, user) for user in (alice, bob)]
    assert [answer.content for answer in firsts] == [answer.content for answer in seconds]
    assert {answer.status_code for answer in [*firsts, *seconds]} == {201}
    assert Entry.objects.count() == len({answer.json()["id"] for answer in firsts}) == 2


def test_a_refused_request_leaves_its_key_free(alice: User, api: ApiClientFor) -> None:
    assert top_up(api, alice, "-1").status_code == 422
    assert top_up(api, alice, "5.00").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_a_bad_key_is_refused(alice: User, api: ApiClientFor, key: str) -> None:
    answer = top_up(api, alice, key=key)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_idempotency_key"
    assert not Entry.objects.exists()


def test_the_longest_key_is_taken(alice: User, api: ApiClientFor) -> None:
    assert top_up(api, alice, key="x" * 255).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_request_died_before_its_answer_is_free_at_once(alice: User, api: ApiClientFor) -> None:
    with killed_at(storing_the_answer) as death:
        top_up(api, alice)
    assert death.happened
    booked = Entry.objects.get()
    second, third = top_up(api, alice), top_up(api, alice)
    assert (second.status_code, second.json()["id"]) == (201, str(booked.public_id))
    assert second["Idempotent-Replayed"] == "true"
    assert second.content == third.content
    assert top_up(api, alice, "6.00").status_code == 422
    assert services.wallet_of(alice).balance == 500


def test_the_ledger_remembers_what_the_answers_forget(alice: User, api: ApiClientFor) -> None:
    first = top_up(api, alice)
    IdempotencyRecord.objects.update(created_at=timezone.now() - idempotency.RETENTION - timedelta(seconds=1))
    assert idempotency.purge() == 1
    assert top_up(api, alice).json()["id"] == first.json()["id"]
    IdempotencyRecord.objects.all().delete()
    assert top_up(api, alice, "6.00").status_code == 422
    assert services.wallet_of(alice).balance == 500


def test_of_two_at_once_the_answer_that_is_stored_first_is_given(
    alice: User, bob: User, api: ApiClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [top_up(api, bob), top_up(api, alice, key="other")]
    quicker: list[Answer] = []
    render = JSONRenderer.render

    def after_another(*arguments: Any) -> Any:
        """The work is done, and its answer is rendered to be stored."""
        monkeypatch.setattr(JSONRenderer, "render", render)
        quicker.append(top_up(api, alice))
        return render(*arguments)

    monkeypatch.setattr(JSONRenderer, "render", after_another)
    body, key = '{"amount": "5.00"}', {"Idempotency-Key": "key"}
    slower = api(alice).post("/api/v1/top-ups/", body, content_type="application/json", headers=key)
    assert (slower.status_code, slower.content) == (201, quicker[0].content)
    assert slower["Idempotent-Replayed"] == "true"
    assert slower.content not in [answer.content for answer in others]
    assert IdempotencyRecord.objects.count() == 3


def test_twenty_parallel_requests_book_once(transactional_db: None, alice: User, api: ApiClientFor) -> None:
    services.wallet_of(alice)

    def answer(_number: int) -> Answer:
        try:
            return top_up(api, alice)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(answer, range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert ["Idempotent-Replayed" in answer for answer in answers].count(False) <= 1
    assert Entry.objects.count() == 1
