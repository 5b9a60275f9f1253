"""What is told of predictions to those who watch the service: a line of the log for each step, and counts.

Every line has the prediction's id, so that one can be followed through all roles. What a transaction does is
told once it is committed.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from predictions.models import Batch, Prediction
from telemetry import context, metrics

logger = logging.getLogger(__name__)

# Log drivers cut lines at 16 KB.
IDS_IN_A_LINE = 100


def ordered(prediction: Prediction) -> None:
    model, channel = prediction.model.slug, context.get("channel") or "command"

    def tell() -> None:
        metrics.ordered(model, channel)
        _log(prediction.pk, "ordered", model=model, user_id=str(prediction.user_id))

    _once_committed(tell)


def claimed(rows: Iterable[Prediction]) -> None:
    by_attempt: dict[int, list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        by_attempt[row.attempts].append(row.pk)
    for attempt, ids in by_attempt.items():
        _log_all(ids, "claimed", attempt=attempt)


def scored(rows: Sequence[Prediction], milliseconds: float) -> None:
    """Tell of results of one model that are not stored yet."""
    _log_all([row.pk for row in rows], "scored", model=rows[0].model.slug, ms=round(milliseconds, 1))


def stored(rows: Sequence[Prediction], results: Mapping[uuid.UUID, float]) -> None:
    """Tell of results that customers see from now on."""
    status, now = Prediction.Status.SUCCEEDED, timezone.now()

    def tell() -> None:
        for row in rows:
            metrics.scored(row.model.slug, results[row.pk])
            metrics.ended(row.model.slug, status, "", (now - row.queued_at).total_seconds())
        _log_all([row.pk for row in rows], "stored")

    _once_committed(tell)


def ended(prediction: Prediction, status: str, failure: str = "") -> None:
    """Tell of one that ends without a result; a comped one has been refunded before."""
    seconds = (timezone.now() - prediction.queued_at).total_seconds()
    refunded = prediction.comped_by_id is None

    def tell() -> None:
        metrics.ended(prediction.model.slug, status, failure, seconds)
        step = f"{status} and refunded" if refunded else status
        _log(prediction.pk, step, **({"failure": failure} if failure else {}))

    _once_committed(tell)


def requeued(ids: Iterable[uuid.UUID]) -> None:
    def tell() -> None:
        for pk in ids:
            _log(pk, "requeued")

    _once_committed(tell)


def refunded(prediction: Prediction) -> None:
    """Tell of a refund by an operator, after the end."""
    _once_committed(lambda: _log(prediction.pk, "refunded"))


def explained(rows: Sequence[Prediction]) -> None:
    _log_all([row.pk for row in rows], "explained")


def batch_quoted(batch: Batch) -> None:
    """A file was checked and has a price. Called in the transaction that stores the quote."""
    _of_batch(batch, "quoted", rows=batch.rows, valid_rows=batch.valid_rows)


def batch_requeued(batch: Batch) -> None:
    """A failed file is scored again. Called in the transaction that queues it."""
    _of_batch(batch, "requeued")


def batch_confirmed(batch: Batch) -> None:
    """A file was paid. Called in the transaction that charges."""
    _of_batch(batch, "confirmed", model=batch.model.slug, rows=batch.valid_rows)


def batch_ended(batch: Batch) -> None:
    """A file has completed, failed or was canceled. Called in the transaction that ends it and refunds."""
    counts = {"done_rows": batch.done_rows, "failed_rows": batch.failed_rows}
    _of_batch(batch, batch.status, **counts, **({"failure": batch.failure} if batch.failure else {}))


def outcomes_reported(counts: Mapping[tuple[str, str, str], int]) -> None:
    """`counts`: of outcomes by model, version and result. Called in the transaction that stores them."""

    def tell() -> None:
        for (model, version, result), count in counts.items():
            metrics.outcomes(model, version, result, count)

    _once_committed(tell)


def _of_batch(batch: Batch, step: str, **fields: object) -> None:
    pk, fields = batch.pk, {"batch_id": str(batch.pk), **fields}
    _once_committed(lambda: logger.info("file %s %s", pk, step, extra={"fields": fields}))


def about(pk: uuid.UUID) -> dict[str, object]:
    """Return the `extra` of a log line about a prediction."""
    return {"fields": {"prediction_id": str(pk)}}


def _log(pk: uuid.UUID, step: str, **fields: object) -> None:
    logger.info("prediction %s %s", pk, step, extra={"fields": {"prediction_id": str(pk), **fields}})


def _log_all(ids: Sequence[uuid.UUID], step: str, **fields: object) -> None:
    """Write lines about many at once, because a line for each would cost more than scoring."""
    if len(ids) == 1:
        _log(ids[0], step, **fields)
        return
    for start in range(0, len(ids), IDS_IN_A_LINE):
        some = [str(pk) for pk in ids[start : start + IDS_IN_A_LINE]]
        logger.info(
            "%d predictions %s", len(some), step, extra={"fields": {"prediction_ids": some, **fields}}
        )


def _once_committed(tell: Callable[[], None]) -> None:
    # An error here is logged: it must not look like one of the order, which is paid.
    transaction.on_commit(tell, robust=True)
