"""At most two hashes at a time in a process, and a limited number of threads that wait for them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, make_password
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

from accounts import hashers
from accounts.attempts.limits import HASHES_OF_STRANGERS
from accounts.hashers import MAX_WAITING, MAX_WAITING_STRANGERS, SLOTS, HashingQueue, ServiceBusy
from accounts.models import User
from tests.support.html import Page
from tests.support.log_ins import log_in
from tests.support.people import PASSWORD

NEW = "kettle-ocean-42"


class Gate:
    """Holds every hash until it is opened; counts how many run at the same time."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.full = threading.Event()
        self.running = self.most = 0
        self._lock = threading.Lock()

    def pass_through(self) -> None:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
            if self.running == SLOTS:
                self.full.set()
        assert self.opened.wait(30)
        with self._lock:
            self.running -= 1


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    encode = BCryptSHA256PasswordHasher.encode

    def slow(self: Any, password: str, salt: str) -> str:
        gate.pass_through()
        return encode(self, password, salt)

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", slow)
    return gate


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers, "MAX_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(hashers, "MAX_WAIT_SECONDS_STRANGERS", 0.05)


def occupied(gate: Gate, pool: ThreadPoolExecutor) -> None:
    """Two threads hash until the gate is opened."""
    for _number in range(SLOTS):
        pool.submit(make_password, "x")
    assert gate.full.wait(10)


def test_no_more_than_two_run_at_a_time(gate: Gate) -> None:
    with ThreadPoolExecutor(8) as pool:
        hashes = [pool.submit(make_password, "x") for _number in range(8)]
        assert gate.full.wait(10)
        gate.opened.set()
        assert len({one.result() for one in hashes}) == 8
    assert gate.most == SLOTS


@pytest.mark.parametrize(("stranger", "most"), [(True, MAX_WAITING_STRANGERS), (False, MAX_WAITING)])
def test_only_so_many_wait(stranger: bool, most: int) -> None:
    queue, waiting = HashingQueue(), threading.Barrier(most + 1)
    leave = threading.Event()

    def wait() -> None:
        with queue.waiting(stranger=stranger):
            waiting.wait(10)
            leave.wait(10)

    with ThreadPoolExecutor(most) as pool:
        for _number in range(most):
            pool.submit(wait)
        waiting.wait(10)
        with pytest.raises(ServiceBusy), queue.waiting(stranger=stranger):
            raise AssertionError("one too many")
        leave.set()
    with queue.waiting(stranger=stranger):
        pass


def test_a_known_client_gets_a_slot_while_strangers_queue(gate: Gate) -> None:
    """Threads are not served in turn: strangers who come again and again must leave one slot alone."""
    queue, leave = HashingQueue(), threading.Event()

    def hold() -> None:
        with queue.slot(stranger=True):
            leave.wait(10)

    with ThreadPoolExecutor(3) as pool:
        for _number in range(3):
            pool.submit(hold)
        with queue.slot():
            leave.set()


def test_a_thread_with_a_slot_needs_no_other(impatient: None) -> None:
    queue = HashingQueue()
    with queue.slot(), queue.slot(), queue.slot():
        pass
    with queue.slot():
        pass


def api_log_in() -> Any:
    return log_in(password=PASSWORD)


def api_sign_up() -> Any:
    sent = {"username": "carol", "email": "carol@example.org", "password": NEW}
    return APIClient().post("/api/v1/auth/register/", sent, format="json")


@pytest.mark.parametrize("call", [api_log_in, api_sign_up])
def test_programs_are_told_when_to_come_back(
    transactional_db: None, alice: User, gate: Gate, impatient: None, call: Callable[[], Any]
) -> None:
    with ThreadPoolExecutor(SLOTS) as pool:
        occupied(gate, pool)
        answer = call()
        gate.opened.set()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "busy"
    assert User.objects.count() == 1
    assert call().status_code in (200, 201)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/account/login/", {"username": "alice", "password": PASSWORD}),
        ("/account/register/", {"username": "carol", "email": "carol@example.org", "password": NEW}),
        ("/account/password/", {"old_password": PASSWORD, "new_password": NEW}),
        (
            "/admin/accounts/user/{bob}/password/",
            {"password1": NEW, "password2": NEW, "usable_password": "true"},
        ),
    ],
)
@pytest.mark.parametrize(("language", "text"), [("en", "The service is very busy"), ("ru", "перегружен")])
def test_people_are_told_when_to_come_back(
    transactional_db: None,
    operator: User,
    bob: User,
    gate: Gate,
    impatient: None,
    address: str,
    sent: dict[str, str],
    language: str,
    text: str,
) -> None:
    client = Client(headers={"Accept-Language": language})
    if "password/" in address:
        client.force_login(operator)
    with ThreadPoolExecutor(SLOTS) as pool:
        occupied(gate, pool)
        answer = client.post(address.format(bob=bob.pk), sent)
        gate.opened.set()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3"
    assert text in Page(answer).all("main")[0].words
    assert User.objects.count() == 2
    for user in User.objects.all():
        assert user.check_password(PASSWORD)


def test_being_refused_is_counted_neither_as_a_failure_nor_as_a_hash(
    transactional_db: None, alice: User, gate: Gate, impatient: None
) -> None:
    with ThreadPoolExecutor(SLOTS) as pool:
        occupied(gate, pool)
        codes = [log_in().status_code for _attempt in range(HASHES_OF_STRANGERS.size + 2)]
        gate.opened.set()
    assert set(codes) == {503}
    assert log_in(password=PASSWORD).status_code == 200


def test_the_bound_holds_without_the_cache(
    transactional_db: None, alice: User, gate: Gate, own_broker: Any
) -> None:
    own_broker.stop()

    def guess(number: int) -> int:
        try:
            return int(log_in(f"user{number}").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        codes = [pool.submit(guess, number) for number in range(8)]
        gate.opened.set()
        # One hashes, strangers wait in limited numbers, and others are refused.
        assert {code.result() for code in codes} <= {401, 503}
    assert gate.most == SLOTS - 1
