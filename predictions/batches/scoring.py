"""Scores files that were paid for, chunk by chunk. The rows of the chunks are the queue."""

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings
from django.db import Error, transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone

from predictions import priority
from predictions.batches import chunk_transitions, intake, settling, splitting, store, transitions
from predictions.batches.rows import block_of, reference_of, references_of
from predictions.batches.scores import Scores
from predictions.batches.store import PAUSE, FilesDeleted, StorageFull
from predictions.batches.summaries import Summary
from predictions.formats.languages import in_language
from predictions.lifecycle.drift import Counted, counted_rows
from predictions.models import Batch, BatchChunk, RowScores
from predictions.scoring.artifacts import ArtifactError, load
from predictions.scoring.checks import Checked, check
from predictions.scoring.explain import reason_codes
from predictions.scoring.models.protocol import Floats, Model
from predictions.scoring.predict import approve
from predictions.scoring.results import results

logger = logging.getLogger(__name__)

Status = BatchChunk.Status
# A chunk is scored in seconds. While orders take all processor time, it takes longer and keeps its lease.
# What has not ended after this time hangs, so another process tries it.
LONGEST = timedelta(minutes=15)
# After so many steps the task ends and the next one continues, so that a worker can stop under load.
MAX_STEPS = 20
# A process works for tasks and looks for work by itself, in two threads.
_one_step = threading.Lock()


def work(wake_another: Callable[[], object] = lambda: None) -> bool:
    """Check files and score chunks; return True if there may be more.

    `wake_another` is called for each step that was claimed: another process may find the next one.
    """
    return all(step(wake_another, settle=not number) for number in range(MAX_STEPS))


def step(wake_another: Callable[[], object] = lambda: None, *, settle: bool = True) -> bool:
    """Take back what others have left, then check one file or score one chunk; False if there was none."""
    with _one_step:
        if settle:
            settling.settle_expired()
        if batch := intake.claim_upload():
            wake_another()
            intake.validate(batch)
            return True
        if chunk := claim_chunk():
            wake_another()
            if not splitting.split(chunk):
                score_chunk(chunk)
            transitions.complete(chunk.batch)
            return True
        return False


def claim_chunk() -> BatchChunk | None:
    """Claim a chunk of the customer who was served longest ago; None if none is left.

    So 20 rows wait for at most one chunk of each other customer, however many rows those have.
    """
    for _try in range(settings.MAX_ATTEMPTS):
        users = list(_queued().order_by().values_list("batch__user", flat=True).distinct())
        if not users:
            return None
        for user in _in_turn(users):
            chunk = (
                _queued().filter(batch__user=user).order_by("batch__confirmed_at", "batch", "number").first()
            )
            if chunk and _claim(chunk):
                return chunk
    return None  # Others are faster.


def _in_turn(users: list[uuid.UUID]) -> list[uuid.UUID]:
    """Return the users by the time at which a chunk of theirs was last claimed, the longest ago first."""
    served = (
        BatchChunk.objects.filter(batch__in=Batch.objects.paid().filter(user__in=users))
        .order_by()
        .values("batch__user")
        .annotate(last=Max("claimed_at"), running=Count("pk", filter=Q(status=Status.RUNNING)))
        .order_by("running", F("last").asc(nulls_first=True), "batch__user")
    )
    return [row["batch__user"] for row in served]


def _queued() -> QuerySet[BatchChunk]:
    """The chunks to score, by the condition of the partial index. After a full disk they wait for a while."""
    unfinished = BatchChunk.objects.filter(status__in=BatchChunk.UNFINISHED, batch__in=Batch.objects.paid())
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - PAUSE)
    return unfinished.filter(free, status=Status.QUEUED).select_related("batch__model", "batch__user")


def _claim(chunk: BatchChunk) -> bool:
    """Claim the chunk with a new lease; False if it was claimed or canceled in the meantime."""
    token, now = uuid.uuid4(), timezone.now()
    with transaction.atomic():
        Batch.objects.filter(pk=chunk.batch_id, status=Batch.Status.QUEUED).update(
            status=Batch.Status.RUNNING
        )
        claimed = BatchChunk.objects.filter(
            pk=chunk.pk, status=Status.QUEUED, attempts=chunk.attempts
        ).update(status=Status.RUNNING, claim=token, claimed_at=now, attempts=F("attempts") + 1)
    chunk.status, chunk.claim, chunk.claimed_at = Status.RUNNING, token, now
    chunk.attempts += 1
    return bool(claimed)


def score_chunk(chunk: BatchChunk) -> None:
    """Score a claimed chunk and store its part of the results.

    If the service is at fault, it is tried again when a lease has ended, except at the last attempt.
    """
    batch = chunk.batch
    try:
        name, failed, summary, scores, counted = priority.computed(
            partial(_score, chunk), partial(_renew_lease, chunk)
        )
    except StorageFull:
        logger.error("file %s, chunk %d waits: the disk is full", batch.pk, chunk.number)
        own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Status.RUNNING)
        # Not counted as an attempt: the rows are not at fault.
        transitions.release(own, status=Status.QUEUED, attempts=F("attempts") - 1)
    except (ArtifactError, OSError, FilesDeleted):
        logger.exception("file %s, chunk %d cannot be scored now", batch.pk, chunk.number)
        if chunk.attempts >= settings.MAX_ATTEMPTS:
            chunk_transitions.fail_chunk(chunk)
            return
        # This worker is alive, so its rows are not suspected of killing it.
        own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Status.RUNNING)
        transitions.release(own, status=Status.QUEUED, claimed_at=timezone.now() - PAUSE + settings.LEASE)
    except Exception:
        logger.exception("file %s, chunk %d cannot be scored", batch.pk, chunk.number)
        chunk_transitions.fail_chunk(chunk)
    else:
        if not chunk_transitions.store_result(chunk, name, failed, summary, scores, counted):
            store.delete(name)


def _renew_lease(chunk: BatchChunk) -> None:
    now = timezone.now()
    if chunk.claimed_at and now < chunk.claimed_at + LONGEST:
        own = BatchChunk.objects.filter(pk=chunk.pk, claim=chunk.claim, status=Status.RUNNING)
        try:
            own.update(claimed_at=now)
        except Error:
            # The next time, or never; then another process scores it too, and one of them stores.
            logger.warning(
                "file %s, chunk %d: its lease is not renewed", chunk.batch_id, chunk.number, exc_info=True
            )


def _score(chunk: BatchChunk) -> tuple[str, int, dict[str, Any], RowScores, Counted | None]:
    """Return the name of the stored part of the results, and of its rows: how many have none, their summary,
    their scores, and their counts for drift.
    """
    batch = chunk.batch
    model = load(settings.ARTIFACTS_DIR, batch.artifact)
    checked = check(block_of(chunk), model.columns, batch.recompute)
    if len(checked.raw) != chunk.valid_rows:
        raise ValueError(f"{len(checked.raw)} rows can be scored, but {chunk.valid_rows} were paid for")
    approval = _approve(model, checked)
    decide = batch.policy.decide if batch.policy else None
    reasons = _reasons(batch, checked, approval)
    part = results(checked, approval, reasons, in_language(batch.language), decide)
    name = store.save(batch.pk, f"out-{chunk.number:05}-{str(chunk.claim)[:8]}", part)
    summary = Summary.of(approval, checked.good_lines, partial(reference_of, checked), batch.policy)
    scores = Scores.of(batch.pk, approval, checked.good_lines, references_of(checked))
    counted = counted_rows(batch, model.columns, checked.raw, approval)
    kept = scores.kept(batch.pk, chunk.number)
    return name, int(np.isnan(approval).sum()), summary.to_dict(), kept, counted


def _approve(model: Model, checked: Checked) -> Floats:
    """Return the probability of each good row, NaN for those that the model cannot score."""
    try:
        return approve(model, checked.raw)
    except Exception:
        logger.exception("%d rows are scored one by one", len(checked.raw))
    found = np.full(len(checked.raw), np.nan)
    for at in range(len(found)):
        try:
            found[at] = approve(model, checked.raw[at : at + 1])[0]
        except Exception:
            logger.exception("a row of line %d cannot be scored", checked.good_lines[at])
    return found


def _reasons(batch: Batch, checked: Checked, approval: Floats) -> list[tuple[str, ...]] | None:
    """Return the reason codes of each good row; None unless they were ordered."""
    if not batch.reasons:
        return None
    scored = ~np.isnan(approval)
    codes = iter(reason_codes(settings.ARTIFACTS_DIR, batch.artifact, checked.raw[scored]))
    return [next(codes) if has_result else () for has_result in scored.tolist()]
