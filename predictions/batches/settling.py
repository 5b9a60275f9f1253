"""Settles batches that were left unfinished, and deletes files that nobody needs any more.

Each pass is bounded; the next one handles the rest.
"""

import logging
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from predictions.batches import chunk_transitions, store, transitions
from predictions.batches.transitions import Failure
from predictions.models import Batch, BatchChunk, RowScores

logger = logging.getLogger(__name__)

MAX_AT_ONCE = 100
# What was not paid for is deleted this long after its end.
UNPAID_RETENTION = timedelta(days=1)
# An upload that is not complete, or has no row, after this time belongs to a process that has died.
ABANDONED_AFTER = timedelta(hours=6)


def settle_expired() -> int:
    """Give back what the processes that have died had claimed; return how much.

    What has killed `MAX_ATTEMPTS` of them is given up.
    """
    before = timezone.now() - settings.LEASE
    chunks = BatchChunk.objects.filter(
        status__in=BatchChunk.UNFINISHED,
        claim__isnull=False,
        claimed_at__lt=before,
        batch__in=Batch.objects.paid(),
    )
    uploads = Batch.objects.validating().filter(claim__isnull=False, claimed_at__lt=before)
    settled = 0
    for chunk in chunks.filter(attempts__gte=settings.MAX_ATTEMPTS)[:MAX_AT_ONCE]:
        logger.error("file %s, chunk %d was interrupted too many times", chunk.batch_id, chunk.number)
        settled += chunk_transitions.fail_chunk(chunk)
    for batch in uploads.filter(attempts__gte=settings.MAX_ATTEMPTS)[:MAX_AT_ONCE]:
        settled += transitions.reject(batch, Failure.INTERRUPTED)
    for chunk in chunks.filter(attempts__lt=settings.MAX_ATTEMPTS)[:MAX_AT_ONCE]:
        settled += chunk_transitions.interrupted(chunk)
    for batch in uploads.filter(attempts__lt=settings.MAX_ATTEMPTS)[:MAX_AT_ONCE]:
        own_upload = transitions.claimed_by(batch, batch.claim)
        settled += transitions.release(own_upload, claimed_at=None)
    return settled + _complete_all()


def settle() -> dict[str, int]:
    """Settle what was left, and end quotes whose time is over; return the counts.

    If there is work `to_do`, the caller must notify those who do it.
    """
    report = {"files_settled": settle_expired(), "quotes_expired": transitions.expire()}
    queued = BatchChunk.objects.filter(
        status__in=BatchChunk.UNFINISHED, claim__isnull=True, batch__in=Batch.objects.paid()
    )
    to_check = Batch.objects.validating().filter(claim__isnull=True)
    report["files_to_do"] = queued.count() + to_check.count()
    if any(report.values()):
        logger.warning("files: %s", ", ".join(f"{name} {count}" for name, count in report.items()))
    return report


def clean() -> dict[str, int]:
    """Delete files whose time is over, and those that belong to nothing; return the counts."""
    return {
        "files_purged": _purge(),
        "scores_deleted": _delete_scores(),
        "uploads_dropped": _drop_incoming(),
        "folders_dropped": _drop_folders(),
    }


def oldest_waiting_seconds() -> float:
    """Return for how long the oldest file has waited for the work on it to begin; 0 if there is none."""
    waiting = Batch.objects.open().filter(
        Q(status=Batch.Status.VALIDATING, claim__isnull=True) | Q(status=Batch.Status.QUEUED)
    )
    times = waiting.annotate(since=Coalesce("confirmed_at", "created_at")).order_by("since")
    oldest = times.values_list("since", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def _complete_all() -> int:
    """Complete batches whose last worker has died before it could; return how many."""
    ready = Batch.objects.paid().filter(~transitions.unfinished())
    return sum(transitions.complete(batch) for batch in ready[:MAX_AT_ONCE])


def _purge() -> int:
    now = timezone.now()
    old = Q(finished_at__lt=now - settings.BATCH_RETENTION) | Q(
        finished_at__lt=now - UNPAID_RETENTION, charge__isnull=True
    )
    due = Batch.objects.filter(old, finished_at__isnull=False, purged_at__isnull=True)
    purged = 0
    for batch in due.order_by("finished_at")[:MAX_AT_ONCE]:
        # An expired quote may have been renewed in the meantime.
        if transitions.purge(batch.pk, old):
            store.delete_all(batch.pk)
            purged += 1
    return purged


def _delete_scores() -> int:
    """Delete the results that were kept for outcomes, when their time is over; return of how many chunks."""
    old = RowScores.objects.filter(created_at__lt=timezone.now() - settings.SCORES_RETENTION)
    some = list(old.order_by("created_at").values_list("pk", flat=True)[:MAX_AT_ONCE])
    return RowScores.objects.filter(pk__in=some).delete()[0]


def _drop_incoming() -> int:
    """Delete uploads that a web process that has died was receiving."""
    before = time.time() - ABANDONED_AFTER.total_seconds()
    dropped = 0
    for path in store.incoming_folder().iterdir():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _drop_folders() -> int:
    """Delete the files of batches that have no row, or that were purged by a process that has died."""
    found: list[uuid.UUID] = [batch for batch, at in store.batches() if at < timezone.now() - ABANDONED_AFTER]
    dropped = 0
    for start in range(0, len(found), MAX_AT_ONCE):
        some = found[start : start + MAX_AT_ONCE]
        kept = set(Batch.objects.filter(pk__in=some, purged_at=None).values_list("pk", flat=True))
        for batch in set(some) - kept:
            store.delete_all(batch)
            dropped += 1
    return dropped
