"""Rows of a scored file are named by the customer's own IDs or by line, also when the file is deleted."""

import io
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions.batches import settling
from predictions.batches.files import NotFinished
from predictions.batches.store import FilesDeleted
from predictions.models import Batch, BatchChunk, Outcome, RowScores
from predictions.outcomes.imports import Imported, import_batch_outcomes
from predictions.outcomes.services import Counts
from tests.support.batches import BAD, UploadFor, now, rows_of, score_all, table
from tests.support.scored_files import HEADER, some_rows

TODAY = datetime.now(UTC).date()


def sent(batch: Batch, user: User, text: str) -> Imported:
    return import_batch_outcomes(io.BytesIO(text.encode()), now(batch), by=user)


def told(done: Imported) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.field, problem.code) for problem in done.problems]


def scored(user: User, paid: UploadFor, count: int = 7, **options: object) -> Batch:
    """Rows with the references 1, 2, … in lines 2, 3, … but line 4, which is bad."""
    rows = some_rows(count)
    rows.insert(2, BAD)
    batch = paid(user, rows, **options)
    score_all()
    return now(batch)


@pytest.mark.usefixtures("small_chunks")
def test_rows_are_named_by_the_customers_ids(alice: User, paid: UploadFor) -> None:
    batch = scored(alice, paid)
    own = rows_of(batch)
    column = HEADER[0]
    text = "id,outcome,observed_on\n" + "".join(f"{row[column]},repaid,{TODAY}\n" for row in own)
    done = sent(batch, alice, text)
    assert (done.rows, done.counts) == (8, Counts(new=7))
    assert told(done) == [(4, "id", "not_found")]
    outcomes = Outcome.objects.order_by("line")
    assert [row.line for row in outcomes] == [2, 3, 5, 6, 7, 8, 9]
    sold = [float(row["approval_probability"]) for row in own if row["approval_probability"]]
    assert [row.approval_probability for row in outcomes] == pytest.approx(sold, abs=5e-7)
    assert {(row.user, row.batch, row.ordered_on) for row in outcomes} == {(alice, batch, TODAY)}


@pytest.mark.usefixtures("small_chunks")
def test_rows_are_named_by_their_lines(alice: User, paid: UploadFor) -> None:
    batch = scored(alice, paid)
    rows = ["2,repaid", "4,repaid", "9,defaulted", "9,repaid", "x,repaid", "1,repaid", "99,repaid"]
    done = sent(batch, alice, "line,outcome,observed_on\n" + "".join(f"{row},{TODAY}\n" for row in rows))
    assert {row.line: row.result for row in Outcome.objects.all()} == {2: "repaid", 9: "defaulted"}
    assert told(done) == [
        (3, "line", "not_found"),
        (5, "line", "repeated"),
        (6, "line", "not_found"),
        (7, "line", "not_found"),
        (8, "line", "not_found"),
    ]


def test_an_id_of_several_rows_names_none(alice: User, paid: UploadFor) -> None:
    rows = some_rows(3)
    rows[2][0] = rows[0][0]
    batch = paid(alice, rows)
    score_all()
    done = sent(batch, alice, f"id,outcome,observed_on\n{rows[0][0]},repaid,{TODAY}\n")
    assert told(done) == [(2, "id", "ambiguous")]
    assert done.problems[0].params == {"lines": "2, 4"}
    assert not Outcome.objects.exists()


def test_a_file_without_ids_is_named_by_lines(alice: User, paid: UploadFor) -> None:
    header, rows = HEADER[1:], [row[1:] for row in some_rows(2)]
    batch = paid(alice, content=table(rows, header))
    score_all()
    with pytest.raises(ValidationError) as refusal:
        sent(batch, alice, f"id,outcome,observed_on\n1,repaid,{TODAY}\n")
    assert [error.code for error in refusal.value.error_dict["file"]] == ["no_references"]
    assert sent(batch, alice, f"line,outcome,observed_on\n3,repaid,{TODAY}\n").counts == Counts(new=1)


def test_outcomes_are_reported_after_the_file_is_deleted(
    alice: User, paid: UploadFor, settings: Settings
) -> None:
    batch = scored(alice, paid)
    reference = rows_of(batch)[0][HEADER[0]]
    sent(batch, alice, f"line,outcome,observed_on\n3,defaulted,{TODAY}\n")
    Batch.objects.update(finished_at=timezone.now() - settings.BATCH_RETENTION)
    settling.clean()
    assert not BatchChunk.objects.exists()
    assert Outcome.objects.get().line == 3
    done = sent(batch, alice, f"id,outcome,observed_on\n{reference},repaid,{TODAY}\n")
    assert done.counts == Counts(new=1)


def test_what_is_kept_of_rows_ends_in_time(alice: User, paid: UploadFor, settings: Settings) -> None:
    batch = scored(alice, paid)
    RowScores.objects.update(created_at=timezone.now() - settings.SCORES_RETENTION)
    assert settling.clean()["scores_deleted"] == 1
    with pytest.raises(FilesDeleted):
        sent(batch, alice, "id,outcome,observed_on\n")


def test_what_is_kept_has_no_cell_of_the_customer(alice: User, paid: UploadFor) -> None:
    rows = some_rows(2)
    rows[0][0] = "Anna Petrova 4012"
    paid(alice, rows)
    score_all()
    kept = RowScores.objects.get()
    assert len(kept.references) == 16
    assert b"Anna" not in bytes(kept.references) + bytes(kept.lines) + bytes(kept.probabilities)


def test_a_file_that_has_not_ended_has_no_outcomes(alice: User, paid: UploadFor) -> None:
    batch = paid(alice)
    with pytest.raises(NotFinished):
        sent(batch, alice, "id,outcome,observed_on\n")
