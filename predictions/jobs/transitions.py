"""Changes of a prediction's status: a conditional UPDATE each, with any refund in the same transaction.

If two processes race for a row, the second UPDATE matches no row and changes nothing.
"""

import logging
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import User
from billing import services as billing
from predictions import events, webhooks
from predictions.models import Comparison, Prediction, PredictionQuerySet

logger = logging.getLogger(__name__)

Status = Prediction.Status
# A pass of the monitor must end before the next one begins, which handles the remaining rows.
MAX_AT_ONCE = 1000


# Faster than Django's CASE with a WHEN for each row. `key`, because `id` would be ambiguous.
SUCCEED = """WITH result (key, probability) AS (VALUES {values})
UPDATE "predictions_prediction" SET
    status = 'succeeded', approval_probability = result.probability, scoring_ms = %s, finished_at = %s
FROM result
WHERE id = result.key AND finished_at IS NULL AND status = 'running' AND claim = %s
RETURNING id"""


def succeed(
    rows: Sequence[Prediction], probabilities: Sequence[float], *, scoring_ms: float
) -> set[uuid.UUID]:
    """Store the results of rows of one claim; return those that still belonged to it.

    One statement, in a transaction only if a customer has webhooks, which are told of the results.
    """
    listeners = webhooks.listening({row.user_id for row in rows})
    if not listeners:
        return _store(rows, probabilities, scoring_ms)
    with transaction.atomic():
        stored = _store(rows, probabilities, scoring_ms)
        webhooks.succeeded(listeners, [row for row in rows if row.pk in stored])
    return stored


def _store(rows: Sequence[Prediction], probabilities: Sequence[float], scoring_ms: float) -> set[uuid.UUID]:
    key = Prediction._meta.pk
    values: list[Any] = []
    for row, probability in zip(rows, probabilities, strict=True):
        values += (key.get_db_prep_value(row.pk, connection), probability)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values += (scoring_ms, now, key.get_db_prep_value(rows[0].claim, connection))
    with connection.cursor() as cursor:
        cursor.execute(SUCCEED.format(values=", ".join(["(%s, %s)"] * len(rows))), values)
        return {key.to_python(pk) for (pk,) in cursor.fetchall()}


def fail_all(rows: PredictionQuerySet, failure: Prediction.Failure) -> int:
    """Fail and refund those of `rows` that still match its conditions; return how many.

    Each row has its own transaction, so that no two customers' wallets are locked together.
    """
    keys = list(rows.order_by("queued_at").values_list("pk", "user_id")[:MAX_AT_ONCE])
    listeners = webhooks.listening({user for _pk, user in keys}) if keys else None
    ended = 0
    for pk, _user in keys:
        try:
            ended += _end(rows.filter(pk=pk), listeners, status=Status.FAILED, failure=failure)
        except Exception as error:
            # The other rows are still settled, unless the database is away for them too.
            if _is_away(error):
                logger.error("prediction %s and those after it are settled later: %s", pk, error)
                break
            logger.exception("prediction %s cannot be settled", pk, extra=events.about(pk))
    return ended


def cancel(prediction: Prediction, operator: User | None = None, note: str = "") -> bool:
    """Cancel and refund a queued prediction; return False if it is no longer queued.

    The ledger has the name of an `operator` who does that, and the `note`.

    Also False for a part of a comparison: parts are sold at one price and canceled by `cancel_parts`.
    """
    row = Prediction.objects.queued().filter(pk=prediction.pk, comparison__isnull=True)
    return _end(row, operator=operator, note=note, status=Status.CANCELED)


def cancel_parts(comparison: Comparison) -> None:
    """Cancel and refund all queued parts in one transaction."""
    queued = Prediction.objects.queued().filter(comparison=comparison)
    with transaction.atomic():
        # Lock rows before the wallet, as everywhere, to avoid deadlocks.
        for part in list(queued.select_for_update().order_by("pk")):
            _end(queued.filter(pk=part.pk), status=Status.CANCELED)


def requeue(rows: PredictionQuerySet) -> int:
    """End the leases of running `rows` and queue them again; return how many.

    Skips rows that another process is changing, so that those who requeue in parallel never wait in a circle.
    """
    with transaction.atomic():
        ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:MAX_AT_ONCE])
        events.requeued(ids)
        return rows.filter(pk__in=ids).update(status=Status.QUEUED, claim=None, claimed_at=None)


def comp(failed: Prediction, operator: User) -> bool:
    """Queue a failed prediction again, free of charge: it stays refunded. False if it has not failed."""
    row = Prediction.objects.filter(pk=failed.pk, status=Status.FAILED)
    comped = row.update(
        status=Status.QUEUED,
        failure="",
        attempts=0,
        claim=None,
        claimed_at=None,
        queued_at=timezone.now(),
        finished_at=None,
        comped_by=operator,
    )
    if comped:
        events.requeued([failed.pk])
    return bool(comped)


def _is_away(error: Exception) -> bool:
    """Return whether the connection is lost. SQLite is one file, which is locked or broken for all rows."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return connection.vendor == "sqlite" or not connection.is_usable()


def _end(
    row: PredictionQuerySet,
    listeners: webhooks.Listeners | None = None,
    *,
    operator: User | None = None,
    note: str = "",
    **changes: str,
) -> bool:
    """`listeners` are told of a failure."""
    prediction = row.select_related("charge__wallet", "model").first()
    if prediction is None:
        return False
    with transaction.atomic():
        if not row.update(finished_at=timezone.now(), **changes):
            return False
        if prediction.comped_by_id is None:
            billing.refund(prediction.charge, operator=operator, note=note)
        if listeners and changes["status"] == Status.FAILED:
            webhooks.failed(listeners, prediction)
        events.ended(prediction, **changes)
    return True
