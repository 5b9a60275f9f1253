"""A refresh token works once. Whoever sends it again, or sends it twice at once, ends the whole family."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts import tokens
from accounts.models import TokenFamily, User
from tests.support.people import Answer
from tests.support.tokens import log_out, me, refresh

pytestmark = pytest.mark.django_db


def test_each_refresh_gives_a_pair_that_works(alice: User) -> None:
    pair = tokens.issue(alice)
    seen = {pair.access, pair.refresh}
    token = pair.refresh
    for _number in range(3):
        answer = refresh(token)
        assert answer.status_code == 200
        assert set(answer.json()) == {"access", "refresh"}
        assert me(answer.json()["access"]).json()["username"] == "alice"
        seen |= set(answer.json().values())
        token = answer.json()["refresh"]
    assert len(seen) == 8, "every token is new"
    assert me(pair.access).status_code == 200, "the family lives, and its access tokens until they expire"
    assert TokenFamily.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_use_ends_every_token_of_the_family(alice: User) -> None:
    first, other_login = tokens.issue(alice), tokens.issue(alice)
    second = refresh(first.refresh).json()
    third = refresh(second["refresh"]).json()
    reused = refresh(first.refresh)
    assert (reused.status_code, reused.json()["code"]) == (401, "token_not_valid")
    # Asked on another connection, which sees only what is committed.
    for access in (first.access, second["access"], third["access"]):
        assert on_another_connection(me, access).status_code == 401
    for token in (first.refresh, second["refresh"], third["refresh"]):
        assert on_another_connection(refresh, token).status_code == 401
    assert me(other_login.access).status_code == 200
    assert refresh(other_login.refresh).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_parallel_refreshes_one_wins_and_no_pair_stays(alice: User) -> None:
    token = tokens.issue(alice).refresh
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: on_this_thread(refresh, token), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    assert me(winner["access"]).status_code == 401
    assert refresh(winner["refresh"]).status_code == 401
    assert not TokenFamily.objects.exists()


def test_a_spent_token_can_still_log_out(alice: User) -> None:
    """A program whose answer to a refresh got lost has only the spent token."""
    spent = tokens.issue(alice).refresh
    lost = refresh(spent).json()
    assert log_out(spent).status_code == 204
    assert me(lost["access"]).status_code == 401
    assert refresh(lost["refresh"]).status_code == 401


def on_another_connection(ask: Callable[[str], Answer], token: str) -> Answer:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(on_this_thread, ask, token).result()


def on_this_thread(ask: Callable[[str], Answer], token: str) -> Answer:
    try:
        return ask(token)
    finally:
        connections.close_all()
