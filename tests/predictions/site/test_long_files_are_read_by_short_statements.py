"""A statement of the web role may take seconds, and a file of a million rows takes longer."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import keyset
from accounts.models import User
from predictions.orders.predictions import cancel_prediction
from predictions.site import csv_files
from tests.support.orders import Bought
from tests.support.people import give_money

HISTORY, TRANSACTIONS = reverse("predictions:history-csv"), reverse("predictions:transactions-csv")
ADDRESSES = (*(f"{HISTORY}?sort={sort}" for sort in ("newest", "oldest", "highest", "lowest")), TRANSACTIONS)


@pytest.fixture
def chunks_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "CHUNK_ROWS", 4)
    monkeypatch.setattr(csv_files, "CHUNK", 4)


def lines(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode().splitlines()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_statement_reads_more_than_a_chunk(
    reader: Client, bought: Bought, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for number in range(11):
        bought(approval=number % 2 / 10)
    whole = lines(reader.get(address))
    monkeypatch.setattr(keyset, "CHUNK_ROWS", 4)
    with CaptureQueriesContext(connection) as captured:
        assert lines(reader.get(address)) == whole
    reads = [query["sql"] for query in captured if "ORDER BY" in query["sql"] and "LIMIT 4" in query["sql"]]
    assert len(reads) == len(whole[1:]) // 4 + 1


@pytest.mark.usefixtures("chunks_of_four")
@pytest.mark.parametrize("address", [f"{HISTORY}?sort=newest", TRANSACTIONS])
def test_what_is_new_shifts_no_row(reader: Client, bought: Bought, alice: User, address: str) -> None:
    for _number in range(6):
        bought(run=False)
    whole = lines(reader.get(address))
    answer: Any = reader.get(address)
    pieces = iter(answer.streaming_content)
    first = next(pieces)
    give_money(alice, 100_00)
    cancel_prediction(bought(run=False))
    assert (first + b"".join(pieces)).decode().splitlines() == whole
