"""Upload, quote, payment, results: each row in its place, each paid once."""

import pytest
from django.core.management import call_command

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs.worker import score_queued
from predictions.models import Batch, Prediction
from predictions.orders.batches import confirm_batch
from predictions.orders.predictions import order_prediction
from predictions.scoring.parsing import parse_cells
from predictions.scoring.rounding import rounded
from predictions.scoring.schema import FIELD_NAMES
from tests.support.batches import BAD, SHORT, UploadFor, now, rows_of, score_all
from tests.support.people import give_money
from tests.support.scored_files import HEADER, some_rows

ROWS = some_rows(7)


@pytest.mark.usefixtures("small_chunks")
def test_every_row_has_its_result_in_the_order_of_the_file(alice: User, upload: UploadFor) -> None:
    rows = [*ROWS[:3], BAD, *ROWS[3:], SHORT]
    batch = upload(alice, rows)
    assert (batch.status, batch.rows, batch.valid_rows, batch.bad_rows) == ("quoted", 9, 7, 2)
    assert (batch.unit_price, batch.price) == (10_00, 70_00)
    assert not Entry.objects.exists()

    give_money(alice, 100_00)
    batch = confirm_batch(batch)
    assert (batch.status, wallet_of(alice).balance) == ("queued", 30_00)
    score_all()

    batch = now(batch)
    assert (batch.status, batch.done, batch.failed, batch.refunded) == ("completed", 7, 0, 0)
    found = rows_of(batch)
    assert [row["id"] for row in found] == [row[0] for row in rows]
    assert [bool(row["error"]) for row in found] == [row in (BAD, SHORT) for row in rows]
    assert all(
        float(row["approval_probability"]) + float(row["default_probability"]) == 1
        for row in found
        if not row["error"]
    )
    assert wallet_of(alice).balance == 30_00
    call_command("check_ledger")


def test_a_row_has_the_result_that_it_would_have_alone(alice: User, upload: UploadFor) -> None:
    give_money(alice, 100_00)
    batch = confirm_batch(upload(alice, ROWS))
    score_all()
    for row, found in zip(ROWS, rows_of(batch), strict=True):
        cells = dict(zip(HEADER, row, strict=True))
        applicant = parse_cells({name: cells[name] for name in FIELD_NAMES if name in cells})
        give_money(alice, 10_00)
        order = order_prediction(user=alice, model=batch.model, applicant=applicant, request_key=row[0])
        score_queued()
        alone = Prediction.objects.get(pk=order.prediction.pk).approval_probability
        assert alone is not None
        assert found["approval_probability"] == str(rounded(alone))


def test_nothing_is_charged_before_the_price_is_confirmed(alice: User, upload: UploadFor) -> None:
    give_money(alice, 100_00)
    upload(alice, ROWS)
    score_all()
    assert wallet_of(alice).balance == 100_00
    assert Batch.objects.get().status == "quoted"


def test_a_large_file_is_checked_by_a_worker(
    alice: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 10)
    batch = upload(alice, ROWS)
    assert (batch.status, batch.rows, batch.price) == ("validating", None, None)
    score_all()
    assert (now(batch).status, now(batch).valid_rows) == ("quoted", 7)
