"""Rows of files are counted in the week in which the file was paid, with the orders of that week."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions.batches import scoring
from predictions.lifecycle import drift
from predictions.models import Batch, DriftWeek
from predictions.models.drift import week_of
from predictions.scoring import artifacts
from tests.support.batches import UploadFor, now, score_all
from tests.support.drift import SLUG, count_all, model_now, settle, totals
from tests.support.orders import Bought
from tests.support.scored_files import some_rows


def test_rows_of_a_file_are_counted_in_the_week_of_its_payment(
    alice: User, paid: UploadFor, small_chunks: None
) -> None:
    batch = paid(alice, some_rows(7))
    Batch.objects.filter(pk=batch.pk).update(confirmed_at=datetime(2026, 3, 8, 23, 59, tzinfo=UTC))
    score_all()
    assert now(batch).done == 7
    assert now(batch).chunks.count() > 1
    assert totals() == {date(2026, 3, 2): 7}
    # They are added to orders of the same week.
    score_all()
    count_all()
    assert totals() == {date(2026, 3, 2): 7}


def test_a_file_and_its_rows_one_by_one_have_the_same_counts(
    alice: User, paid: UploadFor, bought: Bought, sold: Path
) -> None:
    from predictions.scoring.parsing import parse_cells
    from tests.support.scored_files import HEADER

    rows = some_rows(5)
    paid(alice, rows)
    score_all()
    by_file = DriftWeek.objects.get().counts
    DriftWeek.objects.all().delete()
    for row in rows:
        cells = dict(zip(HEADER, row, strict=True))
        facts = parse_cells({name: cell for name, cell in cells.items() if name in artifacts_fields(sold)})
        settle(bought(**facts))
    count_all()
    assert DriftWeek.objects.get().counts == by_file


def artifacts_fields(sold: Path) -> set[str]:
    return set(artifacts.columns(sold, artifacts.current(sold, SLUG)).index)


def test_a_chunk_whose_claim_was_lost_is_not_counted(alice: User, paid: UploadFor) -> None:
    paid(alice, some_rows(3))
    chunk = scoring.claim_chunk()
    assert chunk
    type(chunk).objects.filter(pk=chunk.pk).update(claim=None, status="queued")
    scoring.score_chunk(chunk)
    assert not DriftWeek.objects.exists()


def test_what_a_file_gets_free_of_charge_does_not_count(alice: User, operator: User, paid: UploadFor) -> None:
    batch = paid(alice, some_rows(3))
    Batch.objects.filter(pk=batch.pk).update(comped_by=operator)
    score_all()
    assert now(batch).done == 3
    assert not DriftWeek.objects.exists()


@pytest.mark.parametrize("spoil", [lambda content: content + b" ", lambda _content: b"{}"])
def test_bins_that_cannot_be_read_cost_a_file_nothing(
    alice: User,
    paid: UploadFor,
    own_copy: Path,
    settings: Settings,
    spoil: Callable[[bytes], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.ARTIFACTS_DIR = own_copy
    batch = paid(alice, some_rows(3))
    file = own_copy / SLUG / batch.model_version / artifacts.BINS
    file.write_bytes(spoil(file.read_bytes()))
    score_all()
    assert now(batch).status == "completed"
    assert now(batch).done == 3
    assert not DriftWeek.objects.exists()
    assert "are not counted for drift" in caplog.text


def test_a_week_is_counted_when_all_of_it_has_ended(alice: User, bought: Bought, paid: UploadFor) -> None:
    week = date(2026, 3, 2)
    settle(bought())
    assert not drift.is_counted(model_now(), week)
    count_all()
    assert drift.is_counted(model_now(), week)
    batch = paid(alice, some_rows(2))
    Batch.objects.filter(pk=batch.pk).update(confirmed_at=datetime(2026, 3, 8, 23, 59, tzinfo=UTC))
    assert not drift.is_counted(model_now(), week)
    score_all()
    assert drift.is_counted(model_now(), week)
    assert not drift.is_counted(model_now(), week_of(timezone.now()))
