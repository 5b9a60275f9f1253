"""The ends of a prediction. Each is one conditional UPDATE, and a refund in the same transaction.

Whoever loses a race finds that no row fits any more and changes nothing.
"""

import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Case, FloatField, Value, When
from django.utils import timezone

from billing import services as billing
from predictions.models import Prediction, PredictionQuerySet

Status = Prediction.Status


def succeed(claim: uuid.UUID, probabilities: Mapping[uuid.UUID, float], *, scoring_ms: float) -> int:
    """Store the results of a claim in one statement; returns how many rows still belonged to it."""
    results = [When(pk=pk, then=Value(probability)) for pk, probability in probabilities.items()]
    mine = Prediction.objects.running().filter(claim=claim, pk__in=probabilities)
    return mine.update(
        status=Status.SUCCEEDED,
        approval_probability=Case(*results, output_field=FloatField()),
        scoring_ms=scoring_ms,
        finished_at=timezone.now(),
    )


def fail_all(rows: PredictionQuerySet, failure: Prediction.Failure) -> int:
    """Fail and refund whichever of `rows` fit its conditions still; returns how many.

    One transaction each: wallets of several customers are never locked together.
    """
    return _end_all(rows, status=Status.FAILED, failure=failure)


def cancel(prediction: Prediction) -> bool:
    """Give the money back while nobody has begun; False when it is too late."""
    return bool(_end_all(Prediction.objects.queued().filter(pk=prediction.pk), status=Status.CANCELED))


def take_back(rows: PredictionQuerySet) -> int:
    """End the leases of running `rows`; they wait in the queue again."""
    return rows.update(status=Status.QUEUED, claim=None, claimed_at=None)


def _end_all(rows: PredictionQuerySet, **changes: object) -> int:
    ids: Iterable[uuid.UUID] = list(rows.order_by("created_at").values_list("pk", flat=True))
    return sum(_end(rows.filter(pk=pk), **changes) for pk in ids)


def _end(row: PredictionQuerySet, **changes: object) -> bool:
    charge = row.select_related("charge__wallet").first()
    if charge is None:
        return False
    with transaction.atomic():
        if not row.update(finished_at=timezone.now(), **changes):
            return False
        billing.refund(charge.charge)
    return True
