"""A chunk that takes long because orders come first stays with its process; one that hangs does not."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from predictions import priority
from predictions.batches import scoring
from predictions.models import BatchChunk
from predictions.orders.batches import confirm_batch
from tests.support.batches import UploadFor
from tests.support.people import give_money
from tests.support.scored_files import some_rows

pytestmark = pytest.mark.django_db(transaction=True)
OLD = timedelta(seconds=29)


@pytest.fixture
def chunk(alice: User, upload: UploadFor) -> BatchChunk:
    """A chunk whose lease is nearly over."""
    give_money(alice, 1000_00)
    confirm_batch(upload(alice, some_rows(3)))
    claimed = scoring.claim_chunk()
    assert claimed
    BatchChunk.objects.update(claimed_at=timezone.now() - OLD)
    return claimed


def age(chunk: BatchChunk) -> timedelta:
    claimed_at = BatchChunk.objects.get(pk=chunk.pk).claimed_at
    assert claimed_at
    return timezone.now() - claimed_at


def test_its_lease_is_renewed_while_it_is_computed(
    chunk: BatchChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As fast as the wait can look, which is before the first row is read.
    monkeypatch.setattr(priority, "MEANWHILE_SECONDS", 0.0)
    priority.give_way(1)
    try:
        scoring.score_chunk(chunk)
    finally:
        priority.give_way(0)
    stored = BatchChunk.objects.get(pk=chunk.pk)
    assert (stored.status, stored.done_rows) == ("done", 3)
    assert age(chunk) < OLD


def lost(chunk: BatchChunk) -> None:
    BatchChunk.objects.filter(pk=chunk.pk).update(claim=uuid.uuid4())


def hanging(chunk: BatchChunk) -> None:
    chunk.claimed_at = timezone.now() - scoring.LONGEST


@pytest.mark.parametrize("end", [lost, hanging])
def test_not_if_another_process_has_it_or_it_hangs(
    chunk: BatchChunk, end: Callable[[BatchChunk], None]
) -> None:
    scoring._renew_lease(chunk)
    assert age(chunk) < OLD
    BatchChunk.objects.update(claimed_at=timezone.now() - OLD)
    end(chunk)
    scoring._renew_lease(chunk)
    assert age(chunk) >= OLD
