from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from tests.support.log_ins import log_in
from tests.support.people import PASSWORD
from tests.support.tokens import me


def at_page(username: str, password: str = PASSWORD) -> Any:
    return Client().post("/account/login/", {"username": username, "password": password})


@pytest.mark.parametrize("typed", ["alice@example.org", "ALICE@EXAMPLE.ORG", " alice@example.org "])
def test_it_does_at_the_page_and_for_programs(alice: User, typed: str) -> None:
    assert log_in(typed, PASSWORD).status_code == 200
    assert at_page(typed).status_code == 302


def test_it_may_be_longer_than_a_name(db: None) -> None:
    email = f"{'x' * 60}@{'.'.join(['y' * 60] * 3)}.org"
    assert len(email) > 150
    User.objects.create_user("alice", email, PASSWORD)
    assert log_in(email, PASSWORD).status_code == 200
    assert at_page(email).status_code == 302


def test_the_password_decides_between_accounts_with_one_address(alice: User, hashed: list[str]) -> None:
    """A sign-up with somebody's address neither locks them out nor shows that they exist."""
    User.objects.create_user("mallory", "Alice@Example.org", "another password")
    for password, name in ((PASSWORD, "alice"), ("another password", "mallory")):
        answer = log_in("alice@example.org", password)
        assert answer.status_code == 200
        assert me(answer.json()["access"]).json()["username"] == name
    hashed.clear()
    assert log_in("alice@example.org", "wrong").status_code == 401
    assert len(hashed) == 2


def test_many_accounts_with_one_address_cost_two_hashes(alice: User, hashed: list[str]) -> None:
    for number in range(5):
        User.objects.create_user(f"mallory{number}", alice.email, f"password of {number}")
    hashed.clear()
    assert log_in(alice.email, "wrong").status_code == 401
    assert len(hashed) == 2
    assert log_in(alice.email, PASSWORD).status_code == 200, "the oldest"
    assert log_in(alice.email, "password of 4").status_code == 200, "the newest"
    assert log_in(alice.email, "password of 2").status_code == 401


def test_accounts_that_are_deactivated_do_not_count(alice: User) -> None:
    User.objects.create_user("old", alice.email, PASSWORD, is_active=False)
    assert log_in(alice.email, PASSWORD).status_code == 200
    User.objects.filter(username="alice").update(is_active=False)
    assert log_in(alice.email, PASSWORD).status_code == 401
    assert log_in("alice", PASSWORD).status_code == 401


def test_an_old_name_that_looks_like_an_address_takes_nothing_away(alice: User) -> None:
    User.objects.create_user("alice@example.org", "mallory@example.org", "another password")
    assert log_in("alice@example.org", PASSWORD).status_code == 200
    assert log_in("alice@example.org", "another password").status_code == 200


@pytest.mark.parametrize("name", ["alice@example.org", "@", "a@b"])
def test_a_new_name_cannot_look_like_an_address(alice: User, name: str) -> None:
    sent = {"username": name, "email": "mallory@example.org", "password": PASSWORD}
    answer = APIClient().post("/api/v1/auth/register/", sent, format="json")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["username"]
    assert Client().post("/account/register/", sent).status_code == 422


@pytest.mark.parametrize("typed", ["", "@", "%@%", "alice@", "_lice@example.org", "alıce@example.org"])
def test_nothing_else_is_an_address(alice: User, typed: str) -> None:
    assert log_in(typed, PASSWORD).status_code in (401, 422)


def test_an_account_without_an_address_is_not_found_by_none(alice: User) -> None:
    User.objects.update(email="")
    assert log_in("", PASSWORD).status_code == 422
    assert at_page(" ").status_code == 422


def test_it_is_found_by_an_index(alice: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        log_in(alice.email, PASSWORD)
    sql, _newest = [query["sql"] for query in queries if 'LOWER("accounts_user"."email")' in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The planner prefers to read a small table completely.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        assert "user_by_email" in str(cursor.fetchall())
