"""A key that sends a thousand requests a second must not lock its row a thousand times a second."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from tests.support.keys import KeyFor, me


def writes(queries: CaptureQueriesContext) -> int:
    return len([query for query in queries if query["sql"].startswith("UPDATE")])


def test_by_the_first_request_of_a_minute(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    assert new.key.last_used_at is None
    counted = []
    for age in (0, 0, 59, 61, 0):
        ApiKey.objects.filter(last_used_at__isnull=False).update(
            last_used_at=timezone.now() - timedelta(seconds=age)
        )
        with CaptureQueriesContext(connection) as queries:
            assert me(new).status_code == 200
        counted.append(writes(queries))
    assert counted == [1, 0, 0, 1, 0]
    new.key.refresh_from_db()
    assert new.key.last_used_at
    assert timezone.now() - new.key.last_used_at < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_requests_that_read_it_at_the_same_moment_write_it_once(alice: User, new_key: KeyFor) -> None:
    sent, at_once = new_key(alice).secret.encode(), 5
    all_have_read = threading.Barrier(at_once, timeout=60)
    changed: list[int] = []

    def wait_and_note(execute: Any, sql: str, params: object, many: bool, context: dict[str, Any]) -> object:
        writes = sql.startswith('UPDATE "accounts_apikey"')
        if writes:
            all_have_read.wait()
        result = execute(sql, params, many, context)
        if writes:
            changed.append(context["cursor"].rowcount)
        return result

    def ask(_number: int) -> None:
        try:
            with connection.execute_wrapper(wait_and_note):
                keys.authenticate(sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(ask, range(at_once)))
    assert sorted(changed) == [0, 0, 0, 0, 1]
