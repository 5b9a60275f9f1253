"""Audit of files: finds batches whose ledger entries do not match their status and their rows."""

from collections.abc import Iterator

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from billing.models import Entry
from predictions.models import Batch, BatchChunk

Status = Batch.Status


def problems() -> Iterator[str]:
    """Yield one line per fault, with the wallet's username. Each row without a result is refunded once.

    A file that an operator has had scored again, as a whole, stays refunded.
    """
    refund = Entry.objects.filter(reverses=OuterRef("charge"))
    owed = Case(
        When(comped_by__isnull=False, then=F("price")),
        default=F("unit_price") * (F("valid_rows") - F("done_rows")),
        output_field=BigIntegerField(),
    )
    ended = Batch.objects.filter(charge__isnull=False, finished_at__isnull=False)
    refunded = ended.annotate(
        owed=owed, returned=Coalesce(Subquery(refund.order_by().values("amount")[:1]), 0)
    )
    for batch in refunded.exclude(owed=F("returned")).select_related("user", "charge__reversal"):
        yield _fault(batch, f"was refunded {batch.refunded} instead of {vars(batch)['owed']}")
    pending = Batch.objects.paid().filter(Exists(refund), comped_by=None)
    yield from _faults(pending, "was refunded before its end")
    yield from _faults(_miscounted(ended.filter(purged_at=None)), "has other counts than its chunks")


def _miscounted(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Those whose counts are not the sums of their chunks."""
    chunks = BatchChunk.objects.filter(batch=OuterRef("pk")).order_by().values("batch")

    def total(column: str) -> Coalesce:
        return Coalesce(Subquery(chunks.annotate(sum=Sum(column)).values("sum")), 0)

    sums = batches.annotate(
        sum_valid=total("valid_rows"), sum_done=total("done_rows"), sum_failed=total("failed_rows")
    )
    return sums.exclude(valid_rows=F("sum_valid"), done_rows=F("sum_done"), failed_rows=F("sum_failed"))


def _faults(wrong: QuerySet[Batch], fault: str) -> Iterator[str]:
    return (_fault(batch, fault) for batch in wrong.select_related("user"))


def _fault(batch: Batch, fault: str) -> str:
    return f"wallet of {batch.user}: {batch.status} file {batch.pk} {fault}"
