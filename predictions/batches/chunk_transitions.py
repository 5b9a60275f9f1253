"""Changes of a chunk's status: conditional UPDATEs, which match no row once its lease is another one's.

Rows are locked in the order of `transitions`: the batch, then its chunks.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from predictions.batches.transitions import Chunk, release
from predictions.lifecycle import drift
from predictions.lifecycle.drift import Counted
from predictions.models import Batch, BatchChunk, RowScores


def store_result(
    chunk: BatchChunk,
    name: str,
    failed: int,
    summary: dict[str, Any],
    scores: RowScores,
    counted: Counted | None = None,
) -> bool:
    """Store what a chunk's rows came to; False if this worker has lost its claim, or it was canceled.

    `counted` are the rows that count for drift.
    """
    own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Chunk.RUNNING)
    with transaction.atomic():
        stored = own.update(
            status=Chunk.DONE,
            claim=None,
            result=name,
            done_rows=F("valid_rows") - failed,
            failed_rows=failed,
            summary=summary,
        )
        if stored:
            scores.save(force_insert=True)
            if counted:
                drift.add(chunk.batch.model_id, counted)
    return bool(stored)


def fail_chunk(chunk: BatchChunk) -> bool:
    """Give up a chunk: its rows have no result and are refunded when the batch ends."""
    own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Chunk.RUNNING)
    return bool(own.update(status=Chunk.FAILED, claim=None, failed_rows=F("valid_rows")))


def interrupted(chunk: BatchChunk) -> bool:
    """Queue a chunk whose worker has died again; False if its lease was another one."""
    own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Chunk.RUNNING)
    with transaction.atomic():
        Batch.objects.filter(pk=chunk.batch_id).update(interruptions=F("interruptions") + 1)
        return bool(release(own, status=Chunk.QUEUED, claimed_at=None, interruptions=F("interruptions") + 1))


def split(chunk: BatchChunk, parts: Iterable[BatchChunk]) -> bool:
    """Replace a claimed chunk by its parts; False if this worker has lost its claim, or it was canceled."""
    own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Chunk.RUNNING)
    with transaction.atomic():
        # Locked first, so that a cancellation sees either the chunk or its parts.
        if not Batch.objects.paid().filter(pk=chunk.batch_id).update(claim=None) or not own.delete()[0]:
            return False
        BatchChunk.objects.bulk_create(parts)
    return True
