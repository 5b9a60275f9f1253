"""Changes of a prediction's status: a conditional UPDATE each, with any refund in the same transaction.

If two processes race for a row, the second UPDATE matches no row and changes nothing.
"""

import logging
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Case, FloatField, Value, When
from django.utils import timezone

from accounts.models import User
from billing import services as billing
from predictions import events
from predictions.models import Comparison, Prediction, PredictionQuerySet

logger = logging.getLogger(__name__)

Status = Prediction.Status
# A pass of the monitor must end before the next one begins, which handles the remaining rows.
MAX_AT_ONCE = 1000


def succeed(claim: uuid.UUID, probabilities: Mapping[uuid.UUID, float], *, scoring_ms: float) -> int:
    """Store the results of a claim in one statement; return how many rows still belonged to it."""
    results = [When(pk=pk, then=Value(probability)) for pk, probability in probabilities.items()]
    claimed = Prediction.objects.running().filter(claim=claim, pk__in=probabilities)
    return claimed.update(
        status=Status.SUCCEEDED,
        approval_probability=Case(*results, output_field=FloatField()),
        scoring_ms=scoring_ms,
        finished_at=timezone.now(),
    )


def fail_all(rows: PredictionQuerySet, failure: Prediction.Failure) -> int:
    """Fail and refund those of `rows` that still match its conditions; return how many.

    Each row has its own transaction, so that no two customers' wallets are locked together.
    """
    return _end_all(rows, status=Status.FAILED, failure=failure)


def cancel(prediction: Prediction) -> bool:
    """Cancel and refund a queued prediction; return False if it is no longer queued.

    Also False for a part of a comparison: parts are sold at one price and canceled by `cancel_parts`.
    """
    row = Prediction.objects.queued().filter(pk=prediction.pk, comparison__isnull=True)
    return _end(row, status=Status.CANCELED)


def cancel_parts(comparison: Comparison) -> list[Prediction]:
    """Cancel and refund all queued parts in one transaction; return these parts."""
    queued = Prediction.objects.queued().filter(comparison=comparison)
    with transaction.atomic():
        # Lock rows before the wallet, as everywhere, to avoid deadlocks.
        parts = list(queued.select_related("charge__wallet").select_for_update(of=("self",)).order_by("pk"))
        return [part for part in parts if _end(queued.filter(pk=part.pk), status=Status.CANCELED)]


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


def _end_all(rows: PredictionQuerySet, **changes: str) -> int:
    ids = list(rows.order_by("queued_at").values_list("pk", flat=True)[:MAX_AT_ONCE])
    return sum(_end_or_log(rows.filter(pk=pk), pk, **changes) for pk in ids)


def _end_or_log(row: PredictionQuerySet, pk: uuid.UUID, **changes: str) -> bool:
    """Log an error instead of raising it, so that the other rows are still settled."""
    try:
        return _end(row, **changes)
    except Exception:
        logger.exception("prediction %s cannot be settled", pk, extra=events.about(pk))
        return False


def _end(row: PredictionQuerySet, **changes: str) -> bool:
    prediction = row.select_related("charge__wallet", "model").first()
    if prediction is None:
        return False
    with transaction.atomic():
        if not row.update(finished_at=timezone.now(), **changes):
            return False
        if prediction.comped_by_id is None:
            billing.refund(prediction.charge)
        events.ended(prediction, **changes)
    return True
