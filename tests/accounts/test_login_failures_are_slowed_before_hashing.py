import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.throttling import LOGIN_FAILURES
from tests.support.broker import Broker
from tests.support.people import PASSWORD, Answer


def log_in(username: str = "alice", password: str = "wrong", address: str = "192.0.2.1") -> Answer:
    credentials = {"username": username, "password": password}
    answer: Answer = APIClient().post("/api/v1/auth/token/", credentials, format="json", REMOTE_ADDR=address)
    return answer


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that the hasher has been given."""
    seen: list[str] = []
    encode = BCryptSHA256PasswordHasher.encode

    def noting(self: Any, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", noting)
    return seen


def test_it_answers_429_without_hashing_even_for_the_right_password(alice: User, hashed: list[str]) -> None:
    for _attempt in range(LOGIN_FAILURES.attempts):
        assert log_in().status_code == 401
    hashed.clear()
    answer = log_in(password=PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= LOGIN_FAILURES.seconds + 1
    assert hashed == []


def test_it_hashes_no_more_than_the_limit_when_guesses_come_in_parallel(
    transactional_db: None, alice: User, hashed: list[str]
) -> None:
    def guess(number: int) -> int:
        try:
            return log_in(password=f"guess {number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(24)))
    assert codes.count(401) == LOGIN_FAILURES.attempts
    assert codes.count(429) == 24 - LOGIN_FAILURES.attempts
    assert len(hashed) == LOGIN_FAILURES.attempts


def test_it_leaves_other_people_and_other_addresses_alone(alice: User, bob: User) -> None:
    for _attempt in range(LOGIN_FAILURES.attempts + 1):
        log_in()
    assert log_in("bob", PASSWORD).status_code == 200
    assert log_in("alice", PASSWORD, address="192.0.2.2").status_code == 200


def test_it_does_not_count_what_was_right(alice: User) -> None:
    for _attempt in range(LOGIN_FAILURES.attempts + 2):
        assert log_in(password=PASSWORD).status_code == 200


def test_it_counts_the_page_as_well(alice: User) -> None:
    for _attempt in range(LOGIN_FAILURES.attempts):
        Client().post("/account/login/", {"username": "alice", "password": "wrong"})
    answer = Client().post("/account/login/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 429


def test_the_admin_has_no_door_of_its_own(operator: User, hashed: list[str]) -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer["Location"] == "/account/login/?next=%2Fadmin%2F"
    Client().post("/admin/login/", {"username": "operator", "password": PASSWORD})
    assert hashed == []


def test_nobody_guesses_on_at_an_open_session(alice: User, hashed: list[str]) -> None:
    client = Client()
    client.force_login(alice)
    new = "another horse battery staple"
    for _attempt in range(LOGIN_FAILURES.attempts):
        client.post("/account/password/", {"old_password": "wrong", "new_password": new})
    hashed.clear()
    client.post("/account/password/", {"old_password": PASSWORD, "new_password": new})
    assert hashed == []
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize("fault", ["dead", "frozen"])
def test_it_lets_people_in_soon_when_the_cache_does_not_answer(
    alice: User, own_broker: Broker, fault: str
) -> None:
    if fault == "dead":
        own_broker.stop()
    with own_broker.frozen() if fault == "frozen" else nullcontext():
        began = time.monotonic()
        assert log_in(password=PASSWORD).status_code == 200
        # The cache has half a second to answer, and is asked once.
        assert time.monotonic() - began < 2
