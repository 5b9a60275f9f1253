"""Splits chunks that have killed a worker, until the row that does so is alone: only that row is refunded."""

import logging

from django.conf import settings
from django.db.models import Max

from predictions.batches import chunk_transitions, store
from predictions.batches.rows import block_of
from predictions.batches.store import FilesDeleted, StorageFull
from predictions.models import BatchChunk
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.checks import check
from predictions.scoring.cutting import cut

logger = logging.getLogger(__name__)

# A chunk of 25,000 rows is down to single rows after three splits.
PARTS = 30
# What kills so many workers is not a row, and every one that dies delays other customers.
MAX_INTERRUPTIONS = 30


def split(chunk: BatchChunk) -> bool:
    """Replace a claimed chunk by parts of it if workers have died of it; False if it is to be scored."""
    batch = chunk.batch
    if not chunk.interruptions or chunk.rows < 2 or batch.interruptions > MAX_INTERRUPTIONS:
        return False
    parts: list[BatchChunk] = []
    try:
        _store_parts(chunk, parts)
    except (StorageFull, FilesDeleted, ArtifactError, OSError):
        # Scoring meets the same fault, and knows what follows from it.
        logger.exception("file %s, chunk %d cannot be split", batch.pk, chunk.number)
        store.delete(*(part.source for part in parts))
        return False
    if not chunk_transitions.split(chunk, parts):
        store.delete(*(part.source for part in parts))
        return True  # It is not this worker's any more.
    store.delete(chunk.source)
    logger.warning("file %s, chunk %d has killed a worker: %d parts", batch.pk, chunk.number, len(parts))
    return True


def _store_parts(chunk: BatchChunk, parts: list[BatchChunk]) -> None:
    """Store parts of the chunk, each as a chunk of its own that has no row yet; appends them to `parts`."""
    batch, block = chunk.batch, block_of(chunk)
    checked = check(block, artifacts.columns(settings.ARTIFACTS_DIR, batch.artifact), batch.recompute)
    last = BatchChunk.objects.filter(batch=batch).aggregate(last=Max("number"))["last"] or 0
    for where, part in cut(block, checked.rows, -(-len(checked.kept) // PARTS)):
        if rows := int(checked.kept[where].sum()):
            number = last + len(parts) + 1
            parts.append(
                BatchChunk(
                    batch=batch,
                    number=number,
                    first_line=part.first,
                    source=store.save(batch.pk, f"in-{number:05}-{str(chunk.claim)[:8]}", part.content),
                    rows=rows,
                    valid_rows=int(checked.good[where].sum()),
                )
            )
