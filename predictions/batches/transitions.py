"""Changes of a batch's status: a conditional UPDATE each, with any refund in the same transaction.

If two processes race, the second UPDATE matches no row and changes nothing. Rows are locked in one order: the
batch, its chunks, the wallet, the week of drift.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import ApiKey, User
from billing import services as billing
from predictions import events, webhooks
from predictions.batches.pricing import Quote
from predictions.batches.summaries import Summary, without_references
from predictions.models import Batch, BatchChunk, policy_of
from predictions.scoring.artifacts import ArtifactRef

Status = Batch.Status
Failure = Batch.Failure
Chunk = BatchChunk.Status


@dataclass(frozen=True)
class Findings:
    """What is known of a file that was read to its end."""

    shape: dict[str, Any]
    preview: dict[str, Any]
    rows: int
    valid_rows: int
    warned_rows: int
    errors: str


def unfinished() -> Exists:
    """Whether chunks of the batch have not ended; by the condition of their partial index."""
    return Exists(BatchChunk.objects.filter(batch=OuterRef("pk"), status__in=BatchChunk.UNFINISHED))


def give_quote(batch: Batch, findings: Findings, quote: Quote, chunks: Iterable[BatchChunk]) -> bool:
    """Store what was found with the chunks; False if this process has lost its claim."""
    now = timezone.now()
    with transaction.atomic():
        quoted = _claimed(batch).update(
            status=Status.QUOTED,
            claim=None,
            quoted_at=now,
            expires_at=now + timedelta(hours=settings.QUOTE_HOURS),
            **quote.columns,
            **vars(findings),
        )
        if not quoted:
            return False
        BatchChunk.objects.bulk_create(chunks)
        batch.refresh_from_db()
        events.batch_quoted(batch)
        webhooks.batch_quoted(batch)
    return True


def requote(batch: Batch, quote: Quote, artifact: ArtifactRef) -> bool:
    """Give a new price, of this artifact, to a batch that has the status it had when it was read; else False.

    Its quote stands or has expired.
    """
    now = timezone.now()
    again = Batch.objects.filter(pk=batch.pk, status=batch.status, purged_at=None)
    with transaction.atomic():
        quoted = again.update(
            status=Status.QUOTED,
            finished_at=None,
            model_version=artifact.version,
            artifact_sha256=artifact.sha256,
            quoted_at=now,
            expires_at=now + timedelta(hours=settings.QUOTE_HOURS),
            **quote.columns,
        )
        if quoted:
            batch.refresh_from_db()
            events.batch_quoted(batch)
            webhooks.batch_quoted(batch)
    return bool(quoted)


def reject(batch: Batch, failure: Batch.Failure, message: dict[str, Any] | None = None, **found: Any) -> bool:
    """End a batch that cannot be quoted; False if this process has lost its claim. Nothing was paid."""
    with transaction.atomic():
        rejected = _claimed(batch).update(
            status=Status.FAILED,
            failure=failure,
            failure_message=message,
            claim=None,
            finished_at=timezone.now(),
            **found,
        )
        if rejected:
            batch.refresh_from_db()
            events.batch_ended(batch)
            webhooks.batch_ended(batch)
    return bool(rejected)


def pay(batch: Batch, request_key: str, api_key: ApiKey | None = None) -> bool:
    """Charge a quoted batch and queue its chunks in one transaction; False if it is not quoted any more.

    `api_key` is what the request was made with. Raises what `billing.charge` raises; the batch stays quoted
    then.
    """
    now = timezone.now()
    quoted = Batch.objects.filter(
        pk=batch.pk,
        status=Status.QUOTED,
        expires_at__gt=now,
        price=batch.price,
        unit_price=batch.unit_price,
        artifact_sha256=batch.artifact_sha256,
    )
    with transaction.atomic():
        policy = policy_of(batch.user)
        thresholds = {
            "approve_from": policy and policy.approve_from,
            "decline_below": policy and policy.decline_below,
        }
        # Locks the row, so that of two confirmations one pays.
        if not quoted.update(confirmed_at=now, **thresholds):
            return False
        assert batch.price is not None  # A quoted batch has one.
        charge = billing.charge(user=batch.user, amount=batch.price, request_key=request_key, api_key=api_key)
        quoted.update(status=Status.QUEUED, charge=charge)
        events.batch_confirmed(batch)
    return True


def cancel(batch: Batch, operator: User | None = None, note: str = "") -> bool:
    """Cancel an open batch and refund the rows that have no result; False if it has ended.

    The ledger has the name of an `operator` who does that, and the `note`.
    """
    now = timezone.now()
    with transaction.atomic():
        # A batch whose last chunk has just been scored is complete.
        row = Batch.objects.open().filter(pk=batch.pk)
        if not row.update(claim=None):
            return False
        unscored = BatchChunk.objects.filter(batch=batch, status__in=BatchChunk.UNFINISHED)
        if batch.charge_id is None or unscored.exists():
            unscored.update(status=Chunk.CANCELED, claim=None)
            return _end(row, Status.CANCELED, now=now, operator=operator, note=note)
    return False


def requeue(batch: Batch) -> bool:
    """Take an open batch back from the processes that work on it; False if it is not worked on."""
    working = Batch.objects.open().filter(pk=batch.pk, status__in=[Status.VALIDATING, *Batch.PAID])
    with transaction.atomic():
        if not working.update(claim=None, claimed_at=None):
            return False
        BatchChunk.objects.filter(batch=batch, status__in=BatchChunk.UNFINISHED).update(
            status=Chunk.QUEUED, claim=None, claimed_at=None
        )
    return True


def check_again(batch: Batch) -> bool:
    """Have a file checked again whose checking was interrupted too often; False if it is none, or deleted."""
    failed = Batch.objects.filter(pk=batch.pk, status=Status.FAILED, failure=Failure.INTERRUPTED)
    return bool(
        failed.exclude(source="").update(
            status=Status.VALIDATING, failure="", attempts=0, claimed_at=None, finished_at=None
        )
    )


def comp(batch: Batch, operator: User) -> bool:
    """Queue a failed file again, free of charge: it stays refunded. False if it is unpaid or deleted."""
    failed = Batch.objects.filter(pk=batch.pk, status=Status.FAILED, charge__isnull=False, purged_at=None)
    with transaction.atomic():
        comped = failed.update(
            status=Status.QUEUED,
            failure="",
            failed_rows=0,
            interruptions=0,
            finished_at=None,
            comped_by=operator,
        )
        if comped:
            BatchChunk.objects.filter(batch=batch, valid_rows__gt=0).update(
                status=Chunk.QUEUED,
                result="",
                attempts=0,
                interruptions=0,
                done_rows=0,
                failed_rows=0,
                claimed_at=None,
                summary=None,
            )
            events.batch_requeued(batch)
    return bool(comped)


def complete(batch: Batch) -> bool:
    """End a batch whose chunks have all ended, with the refund of rows without a result."""
    row = Batch.objects.paid().filter(~unfinished(), pk=batch.pk)
    with transaction.atomic():
        return _end(row, Status.COMPLETED)


def expire() -> int:
    """End the quotes whose time is over; return how many."""
    now = timezone.now()
    return (
        Batch.objects.open()
        .filter(status=Status.QUOTED, expires_at__lte=now)
        .update(status=Status.EXPIRED, finished_at=now)
    )


def purge(pk: uuid.UUID, due: Q | None = None) -> bool:
    """Forget what was in a file that has ended, and its results; False if it was, or is not `due`.

    The files themselves are deleted by the caller, afterwards: nobody is offered one that is being deleted.
    """
    row = Batch.objects.filter(due or Q(), pk=pk, finished_at__isnull=False, purged_at__isnull=True)
    with transaction.atomic():
        if not row.update(purged_at=timezone.now(), source="", errors="", preview=None, shape=None):
            return False
        BatchChunk.objects.filter(batch=pk).delete()
        summary = Batch.objects.values_list("summary", flat=True).get(pk=pk)
        if summary:
            Batch.objects.filter(pk=pk).update(summary=without_references(summary))
    return True


def release(row: QuerySet[Batch] | QuerySet[BatchChunk], **changes: Any) -> int:
    """End leases; return how many."""
    return row.update(claim=None, **changes)


def claimed_by(batch: Batch, token: uuid.UUID | None) -> QuerySet[Batch]:
    return Batch.objects.validating().filter(pk=batch.pk, claim=token)


def _claimed(batch: Batch) -> QuerySet[Batch]:
    return claimed_by(batch, batch.claim).filter(claim__isnull=False)


def _end(
    row: QuerySet[Batch],
    status: Batch.Status,
    *,
    now: datetime | None = None,
    operator: User | None = None,
    note: str = "",
) -> bool:
    """End the batch that `row` matches, in the caller's transaction."""
    batch = row.select_related("charge__wallet", "model").first()
    if batch is None:
        return False
    chunks = BatchChunk.objects.filter(batch=batch)
    sums = chunks.aggregate(done=Sum("done_rows"), failed=Sum("failed_rows"))
    done, failed = sums["done"] or 0, sums["failed"] or 0
    # Who has no result at all has not got what was ordered.
    failure = ""
    if status == Status.COMPLETED and not done:
        status, failure = Status.FAILED, Failure.SCORING
    parts = [part for part in chunks.values_list("summary", flat=True) if part]
    ended = row.update(
        status=status,
        failure=failure,
        done_rows=done,
        failed_rows=failed,
        summary=Summary.total(parts).to_dict() if done else None,
        finished_at=now or timezone.now(),
    )
    if not ended:
        return False
    batch.refresh_from_db(fields=["status", "failure", "done_rows", "failed_rows", "finished_at"])
    _refund(batch, operator, note)
    events.batch_ended(batch)
    webhooks.batch_ended(batch)
    return True


def _refund(batch: Batch, operator: User | None, note: str) -> None:
    """Refund the rows without a result: one entry, or none if all have one."""
    if batch.charge and batch.due_refund:
        billing.refund(batch.charge, amount=batch.due_refund, operator=operator, note=note)
