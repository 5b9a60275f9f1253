from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from billing import idempotency, services
from billing.models import Entry, IdempotencyRecord
from tests.support.people import Answer, ApiClientFor


def top_up(api: ApiClientFor, user: User, amount: str = "5.00", key: str = "key") -> Answer:
    answer: Answer = api(user).post(
        "/api/v1/top-ups/", {"amount": amount}, format="json", HTTP_IDEMPOTENCY_KEY=key
    )
    return answer


def test_it_gives_the_first_answer_and_says_so(alice: User, api: ApiClientFor) -> None:
    first, second = top_up(api, alice), top_up(api, alice)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Entry.objects.count() == 1


def test_another_body_is_refused(alice: User, api: ApiClientFor) -> None:
    top_up(api, alice)
    answer = top_up(api, alice, "6.00")
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Entry.objects.count() == 1


def test_a_key_belongs_to_its_user(alice: User, bob: User, api: ApiClientFor) -> None:
    top_up(api, alice)
    assert top_up(api, bob).status_code == 201
    assert Entry.objects.count() == 2


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


def in_flight(user: User, since: timedelta) -> None:
    """A request whose process died before it could answer; the money had been booked."""
    IdempotencyRecord.objects.update(status=None, body=None, claimed_at=timezone.now() - since)


def test_a_request_in_flight_is_a_conflict(alice: User, api: ApiClientFor) -> None:
    top_up(api, alice)
    in_flight(alice, timedelta(0))
    answer = top_up(api, alice)
    assert answer.status_code == 409
    assert answer["Retry-After"] == "1"


def test_a_request_that_died_can_be_made_again_and_books_once(alice: User, api: ApiClientFor) -> None:
    first = top_up(api, alice)
    in_flight(alice, idempotency.IN_FLIGHT_TIMEOUT + timedelta(seconds=1))
    assert top_up(api, alice).json()["id"] == first.json()["id"]
    assert services.wallet_of(alice).balance == 500


def test_the_ledger_remembers_what_the_answers_forget(alice: User, api: ApiClientFor) -> None:
    first = top_up(api, alice)
    IdempotencyRecord.objects.update(claimed_at=timezone.now() - idempotency.RETENTION - timedelta(seconds=1))
    assert idempotency.purge() == 1
    assert top_up(api, alice).json()["id"] == first.json()["id"]
    IdempotencyRecord.objects.all().delete()
    assert top_up(api, alice, "6.00").status_code == 422
    assert services.wallet_of(alice).balance == 500


def test_twenty_parallel_requests_book_once(transactional_db: None, alice: User, api: ApiClientFor) -> None:
    services.wallet_of(alice)

    def code(_number: int) -> int:
        try:
            return top_up(api, alice).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(code, range(20))) <= {201, 409}
    assert Entry.objects.count() == 1
