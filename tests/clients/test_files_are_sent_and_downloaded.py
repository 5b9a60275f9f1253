"""A program with an API key sends a file with the client, pays for it and saves what comes out."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.keys import services as keys
from accounts.models import Scope, User
from creditscore_client import ApiKey, Client, Conflict
from tests.clients.conftest import Connect
from tests.support.batches import BAD, score_all, table
from tests.support.scored_files import some_rows

ROWS = some_rows(3)


@pytest.fixture
def client(connect: Connect, alice: User, own_files: Path) -> Client:
    new = keys.create(alice, name="client", scopes=[Scope.READ, Scope.PREDICT])
    return connect(credentials=ApiKey(new.secret))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "loans.csv"
    path.write_bytes(table([*ROWS, BAD]))
    return path


def test_from_upload_to_results(client: Client, file: Path, tmp_path: Path) -> None:
    sent = client.batches.upload(file, "logistic-regression", label="Monday")
    quoted = client.batches.quoted(sent.id)
    assert (quoted.rows, quoted.valid_rows, quoted.price) == (4, 3, Decimal("30.00"))
    with pytest.raises(Conflict) as refusal:
        client.batches.confirm(sent.id, price=Decimal("29.00"))
    assert refusal.value.code == "price_changed"
    assert client.batches.confirm(sent.id, price=Decimal("30.00")).status == "queued"
    score_all()
    done = client.batches.wait(sent.id)
    assert (done.status, done.done_rows, done.label) == ("completed", 3, "Monday")
    assert list(client.batches.all()) == [done]

    results, errors = tmp_path / "results.csv", tmp_path / "errors.csv"
    client.batches.save_results(sent.id, results)
    client.batches.save_errors(sent.id, errors)
    with results.open(newline="") as content:
        assert [row["id"] for row in csv.DictReader(content)] == [row[0] for row in [*ROWS, BAD]]
    assert "person_age" in errors.read_text()


def test_one_that_is_canceled_costs_nothing(client: Client, file: Path) -> None:
    sent = client.batches.upload(file, "logistic-regression", reasons=True, recompute=True)
    assert client.batches.cancel(sent.id).status == "canceled"
    assert client.account.balance().balance == Decimal("1000.00")
