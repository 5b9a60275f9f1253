"""A process dies at any statement of any step: no row is lost, scored or charged twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.batches import scoring, settling
from predictions.models import Batch
from predictions.orders.batches import cancel_batch, confirm_batch
from tests.support.batches import BAD, UploadFor, now, rows_of, score_all
from tests.support.crashes import killed_at, statement
from tests.support.people import give_money
from tests.support.scored_files import some_rows

ROWS = [*some_rows(5), BAD]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick_commits", "small_chunks"),
]


@pytest.fixture(autouse=True)
def _short_leases(settings: Settings) -> None:
    """Whoever looks next finds the lease of the dead ended."""
    settings.LEASE, settings.MAX_ATTEMPTS = timedelta(0), 100


def die_at_each(act: Callable[[], object], most: int = 120) -> int:
    """Call `act` until it gets through; each time the process dies one statement later. Return the deaths."""
    for number in range(1, most):
        with killed_at(statement(number)) as death:
            act()
        if not death.happened:
            return number - 1
    raise AssertionError(f"{act} takes more than {most} statements")


def test_in_the_check(alice: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    batch = upload(alice, ROWS)
    assert die_at_each(scoring.step) > 5
    assert (now(batch).status, now(batch).rows, now(batch).valid_rows) == ("quoted", 6, 5)
    assert now(batch).chunks.count() > 1


def test_in_the_payment(alice: User, upload: UploadFor) -> None:
    batch = upload(alice, ROWS)
    give_money(alice, 80_00)
    assert die_at_each(lambda: confirm_batch(batch)) > 5
    assert wallet_of(alice).balance == 30_00
    assert Entry.objects.filter(kind="charge").count() == 1
    score_all()
    assert (now(batch).status, now(batch).done) == ("completed", 5)


def test_in_the_scoring(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    while now(batch).is_open:
        die_at_each(scoring.step)
    assert (now(batch).status, now(batch).done, now(batch).failed) == ("completed", 5, 0)
    found = rows_of(batch)
    assert [row["id"] for row in found] == [row[0] for row in ROWS]
    assert all(row["approval_probability"] for row in found[:-1])
    call_command("check_ledger")


def test_in_the_cancellation(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    assert scoring.step()
    done = now(batch).done
    assert 0 < done < 5
    die_at_each(lambda: cancel_batch(batch))
    assert (now(batch).status, now(batch).done) == ("canceled", done)
    assert wallet_of(alice).balance == (5 - done) * 10_00
    call_command("check_ledger")


def test_in_the_cleaning(alice: User, paid: UploadFor, settings: Settings) -> None:
    batch = paid(alice, ROWS)
    score_all()
    settings.BATCH_RETENTION = timedelta(0)
    die_at_each(settling.clean)
    assert now(batch).purged_at
    assert not now(batch).chunks.exists()
    call_command("check_ledger")


def test_a_result_that_was_written_and_not_stored_is_made_again(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)

    def storing(sql: str) -> bool:
        return sql.startswith("UPDATE") and '"summary"' in sql

    with killed_at(storing) as death:
        scoring.step()
    assert death.happened
    assert now(batch).done == 0
    score_all()
    assert (now(batch).status, now(batch).done) == ("completed", 5)
    assert len(rows_of(batch)) == len(ROWS)


def test_the_last_worker_may_die_before_it_completes_the_file(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)

    def completing(sql: str) -> bool:
        return sql.startswith('UPDATE "predictions_batch"') and '"failure"' in sql

    with killed_at(completing) as death:
        score_all()
    assert death.happened
    assert (now(batch).status, now(batch).done) == ("running", 5)
    settling.settle()
    assert Batch.objects.get().status == "completed"
