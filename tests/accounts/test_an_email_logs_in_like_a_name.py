from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.support.log_ins import log_in
from tests.support.people import PASSWORD


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


@pytest.mark.parametrize("password", [PASSWORD, "another password"])
def test_an_address_of_several_accounts_does_not_and_costs_one_hash(
    alice: User, hashed: list[str], password: str
) -> None:
    for number in range(5):
        User.objects.create_user(f"alice{number}", "Alice@Example.org", password)
    hashed.clear()
    assert log_in("alice@example.org", password).status_code == 401
    assert len(hashed) == 1
    assert log_in("alice3", password).status_code == 200


def test_accounts_that_are_deactivated_do_not_count(alice: User) -> None:
    User.objects.create_user("old", alice.email, PASSWORD, is_active=False)
    assert log_in(alice.email, PASSWORD).status_code == 200
    User.objects.filter(username="alice").update(is_active=False)
    assert log_in(alice.email, PASSWORD).status_code == 401
    assert log_in("alice", PASSWORD).status_code == 401


def test_a_name_that_looks_like_an_address_is_a_name(alice: User) -> None:
    User.objects.create_user("alice@example.org", "mallory@example.org", "another password")
    assert log_in("alice@example.org", PASSWORD).status_code == 401
    assert log_in("alice@example.org", "another password").status_code == 200
    assert log_in("alice", PASSWORD).status_code == 200


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
    (sql,) = [query["sql"] for query in queries if 'LOWER("accounts_user"."email")' in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The planner prefers to read a small table completely.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        assert "user_by_email" in str(cursor.fetchall())
