"""The worker: claims queued rows, scores them in batches, and stores results or fails and refunds them."""

import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils import timezone

from predictions import announcements, events
from predictions.jobs import monitor, transitions
from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.predict import score

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
# After this many rounds the task ends and the next one continues, so that a worker can stop under load.
MAX_ROUNDS = 50
# A process scores tasks and looks for orders by itself, in two threads: what kills one kills the other.
_one_round = threading.Lock()


# One statement, so that a claim is one commit. PostgreSQL also skips rows that others are claiming.
CLAIM = """WITH picked (key) AS ({rows}{lock})
UPDATE "predictions_prediction" SET
    status = 'running', claim = %s, claimed_at = %s, attempts = attempts + 1
WHERE id IN (SELECT key FROM picked)
RETURNING *"""


def score_queued() -> bool:
    """Score queued predictions; return True if there may be more."""
    return look_for_orders() and all(_score_round() for _round in range(MAX_ROUNDS - 1))


def look_for_orders() -> bool:
    """Take back what others have left, and score a part of what is queued; True if there may be more."""
    with _one_round:
        monitor.settle_expired()
    return _score_round()


def _score_round() -> bool:
    """Score a part of the queued predictions, one part at a time; return True if there may be more.

    Whoever stores a row from now on wakes a worker again, so nobody looks a second time to find nothing. One
    that another transaction holds for a moment is found by the next look, a few seconds later.
    """
    with _one_round:
        # A requeued row may be what kills workers, so it is scored alone, before others are claimed.
        retried = claim(Prediction.objects.queued().filter(attempts__gt=0), 1)
        score_claimed(retried)
        fresh = claim(Prediction.objects.queued().filter(attempts=0), BATCH_SIZE)
        score_claimed(fresh)
        return bool(retried) or len(fresh) == BATCH_SIZE


def claim(rows: PredictionQuerySet, limit: int) -> list[Prediction]:
    """Claim the oldest of `rows` with a new lease; skips rows that another worker is claiming."""
    if not rows.exists():
        return []
    picked, parameters = rows.order_by("queued_at").values("pk")[:limit].query.sql_with_params()
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    token = Prediction._meta.pk.get_db_prep_value(uuid.uuid4(), connection)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    statement = CLAIM.format(rows=picked, lock=lock)
    claimed = list(Prediction.objects.raw(statement, [*parameters, token, now]))
    prefetch_related_objects(claimed, "model")
    events.claimed(claimed)
    return claimed


def score_claimed(claimed: Sequence[Prediction]) -> None:
    """Score the rows of one claim, with one call per artifact."""
    groups: dict[ArtifactRef, list[Prediction]] = defaultdict(list)
    for prediction in claimed:
        groups[prediction.artifact].append(prediction)
    for ref, group in groups.items():
        _score_group(ref, group)


def _score_group(ref: ArtifactRef, group: list[Prediction]) -> None:
    """Errors of the input fail the rows; after those of a file or the database the lease expires."""
    began = time.perf_counter()
    try:
        probabilities = score(settings.ARTIFACTS_DIR, ref, [prediction.facts for prediction in group])
    except ArtifactError:
        # A file may be missing for a moment, so the rows stay claimed until their lease ends, except at the
        # last attempt.
        logger.exception("%s %s cannot be loaded for %d predictions", ref.slug, ref.version, len(group))
        _fail([row for row in group if row.attempts >= settings.MAX_ATTEMPTS], Prediction.Failure.MODEL)
    except Exception:
        logger.exception("%s %s failed on %d rows", ref.slug, ref.version, len(group))
        _score_one_by_one(ref, group)
    else:
        scoring_ms = (time.perf_counter() - began) * 1000
        events.scored(group, scoring_ms)
        _finish(group, probabilities.tolist(), scoring_ms)


def _score_one_by_one(ref: ArtifactRef, group: list[Prediction]) -> None:
    """Fail only the rows that cannot be scored; the others get their results."""
    if len(group) == 1:
        _fail(group, Prediction.Failure.SCORING)
        return
    for prediction in group:
        _score_group(ref, [prediction])


def _finish(group: list[Prediction], probabilities: list[float], scoring_ms: float) -> None:
    results = dict(zip((row.pk for row in group), probabilities, strict=True))
    stored = transitions.succeed(group, probabilities, scoring_ms=scoring_ms)
    if len(stored) < len(group):
        logger.warning("%d results came after their lease had ended", len(group) - len(stored))
    announcements.announce(stored)
    events.stored([row for row in group if row.pk in stored], results)


def _fail(group: list[Prediction], failure: Prediction.Failure) -> None:
    if not group:
        return
    claimed = Prediction.objects.running().filter(claim=_claim_of(group), pk__in=[row.pk for row in group])
    transitions.fail_all(claimed, failure)


def _claim_of(group: list[Prediction]) -> uuid.UUID:
    token = group[0].claim
    assert token is not None  # Only claimed rows are scored.
    return token
