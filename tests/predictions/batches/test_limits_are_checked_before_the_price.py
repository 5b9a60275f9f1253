"""What cannot be sold is refused before there is a price, and is there to be read afterwards."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from predictions.batches import files, intake
from predictions.batches.files import NotFinished
from predictions.orders.batches import NotQuoted, confirm_batch
from tests.support.batches import BAD, UploadFor, now, rows_of, score_all, stored_files, table
from tests.support.people import ApiClientFor, give_money
from tests.support.scored_files import HEADER, some_rows


def test_too_many_rows(
    alice: User, api: ApiClientFor, upload: UploadFor, own_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_ROWS", 3)
    assert upload(alice, some_rows(3)).status == "quoted"
    kept = stored_files(own_files)
    batch = upload(alice, some_rows(4))
    assert (batch.status, batch.failure, batch.price) == ("failed", "too_many_rows", None)
    answer = api(alice).get(f"/api/v1/batches/{batch.pk}/")
    assert answer.status_code == 200
    assert answer.json()["failure"]["detail"] == "The file has too many rows. The file has more than 3 rows."
    left = [name for name in stored_files(own_files) if name not in kept]
    assert left == []


def test_what_is_unreadable_after_its_beginning(alice: User, upload: UploadFor) -> None:
    content = table(some_rows(300)) + "1,Имя\n".encode("cp1251")
    batch = upload(alice, content=content)
    assert (batch.status, batch.failure) == ("failed", "unusable_file")
    assert batch.failure_message
    assert batch.failure_message["params"]["line"] == 302
    with pytest.raises(NotQuoted):
        confirm_batch(batch)


def test_no_row_that_can_be_scored(alice: User, upload: UploadFor) -> None:
    batch = upload(alice, [BAD, BAD])
    assert (batch.status, batch.failure, batch.rows, batch.valid_rows) == ("failed", "no_valid_rows", 2, 0)
    assert b"".join(files.errors(batch)).count(b"loan_grade") == 2


def test_a_header_alone(alice: User, upload: UploadFor) -> None:
    batch = upload(alice, [])
    assert (batch.status, batch.failure, batch.rows) == ("failed", "no_valid_rows", 0)


@pytest.mark.parametrize("column", ["approval_probability", "error", "reason_1"])
def test_columns_that_would_be_overwritten(alice: User, upload: UploadFor, column: str) -> None:
    with pytest.raises(ValidationError):
        upload(alice, content=table([], [*HEADER, column]))


def test_a_file_that_is_too_large(alice: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 100)
    with pytest.raises(ValidationError):
        upload(alice)


def test_a_share_that_contradicts_is_refused_or_recomputed(alice: User, upload: UploadFor) -> None:
    header = [*HEADER, "loan_percent_income"]
    content = table([[*some_rows(1)[0], "9"], [*some_rows(1)[0], ""]], header)
    assert upload(alice, content=content).valid_rows == 1
    batch = upload(alice, content=content, recompute=True)
    assert (batch.valid_rows, batch.warned_rows) == (2, 1)
    give_money(alice, 20_00)
    confirm_batch(batch)
    score_all()
    first, second = rows_of(batch)
    assert first["approval_probability"] == second["approval_probability"]
    assert "Warning" in first["error"]
    assert not second["error"]


def test_reasons_are_added_for_their_price(alice: User, upload: UploadFor) -> None:
    batch = upload(alice, reasons=True)
    assert batch.unit_price == 12_00
    give_money(alice, 100_00)
    confirm_batch(batch)
    score_all()
    rows = rows_of(batch)
    assert all("reason_4" in row for row in rows)
    assert any(row["reason_1"] for row in rows)
    assert now(batch).status == "completed"


def test_there_are_no_results_before_the_end(alice: User, paid: UploadFor) -> None:
    with pytest.raises(NotFinished):
        files.results(paid(alice))
