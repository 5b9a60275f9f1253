"""A customer's lists are read in the order of an index, even where the database would rather sort all rows.

Here because there are few; with many, because it knows nothing of them before the next ANALYZE.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.keyset import OFF, by_index
from accounts.models import User
from billing.models import Entry
from tests.support.orders import OrderFor
from tests.support.people import ApiClientFor, give_money
from tests.support.plans import captured_reads

QUERIES = {
    "predictions:history": [
        "",
        "?label=nobody",
        "?status=failed&model=catboost",
        "?sort=highest&label=nobody",
    ],
    "predictions:history-csv": ["", "?label=nobody", "?sort=highest"],
    "predictions:transactions": ["", "?kind=refund"],
    "predictions:transactions-csv": ["", "?kind=refund"],
    "predictions:statement": [""],
    "api:predictions": ["", "?status=failed", "?model=catboost"],
    "api:transactions": ["", "?kind=refund"],
}


@pytest.fixture
def past(alice: User, order: OrderFor) -> None:
    give_money(alice, 1_000_00)
    for _number in range(20):
        order(alice)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_by_pages_and_files(past: None, client: Client, alice: User, api: ApiClientFor) -> None:
    client.force_login(alice)
    for name, queries in QUERIES.items():
        browser: Any = api(alice) if name.startswith("api") else client
        for query in queries:
            with captured_reads() as reads:
                response = browser.get(reverse(name) + query)
                if response.streaming:
                    list(response.streaming_content)
            assert response.status_code == 200
            lists = [one for one in reads if re.search("LIMIT (26|36|51|2000)$", one.sql)]
            assert lists, (name, query)
            for one in lists:
                assert not re.search("Sort Key|TEMP B-TREE", one.plan), (name, query, one)


@pytest.mark.parametrize("transaction_around", [nullcontext, transaction.atomic])
@pytest.mark.django_db(transaction=True)
def test_other_statements_may_sort(
    past: None, client: Client, alice: User, transaction_around: Callable[[], AbstractContextManager[object]]
) -> None:
    client.force_login(alice)
    with transaction_around():
        before = plans_are_free()
        client.get(reverse("predictions:history"))
        assert plans_are_free() == before


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite reads with one process")
@pytest.mark.django_db
def test_no_process_is_started_to_help_with_a_page() -> None:
    """It takes longer to start than the page takes to read."""
    with connection.cursor() as cursor:
        for cheap in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            cursor.execute(f"SET LOCAL {cheap} TO 0")
        # Processes share the work on rows, not the reading of pages: even a few rows are worth a process.
        cursor.execute("SET LOCAL seq_page_cost TO 0")
        cursor.execute("SET LOCAL cpu_tuple_cost TO 1")
    entries = Entry.objects.order_by("note")
    assert "Gather" in entries.explain()
    with by_index():
        assert "Gather" not in entries.explain()


def plans_are_free() -> list[object]:
    """What a statement may use, of that which `by_index` switches off."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY 1", [list(OFF)])
        return list(cursor.fetchall())
