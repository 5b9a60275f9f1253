"""Challengers: begin and end a challenge, and score a sample of what was sold, after the customers' results.

Nothing of it touches an order: orders are read when they have ended, by the bulk role, at its priority. Which
order is in the sample follows from its id alone.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from predictions import priority
from predictions.lifecycle import checks
from predictions.lifecycle.sales import AlreadyOnSale, ChangedMeanwhile, Unusable
from predictions.models import Challenge, ChallengerScore, Prediction, ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.predict import score

logger = logging.getLogger(__name__)

# Orders that are dealt with together.
PART = 500
# An order may be committed a moment after a later one. After so long, none before it is still to come.
COMMIT_TIME = timedelta(seconds=10)


def begin(model: ScoringModel, version: str, *, share_percent: int, operator: User, reason: str) -> Challenge:
    """Name a version as challenger; it scores this share of the orders from now on, in place of another one.

    It is loaded and checked first, in seconds. Raises `Unusable`, `AlreadyOnSale`, `ChangedMeanwhile`.
    """
    try:
        ref = artifacts.version_ref(settings.ARTIFACTS_DIR, model.slug, version)
    except ArtifactError as error:
        raise Unusable(str(error)) from error
    on_sale = ScoringModel.objects.get(pk=model.pk)
    if getattr(on_sale, "on_sale", None) and on_sale.on_sale.ref == ref:
        raise AlreadyOnSale
    if problem := checks.check(model, ref).problem:
        raise Unusable(problem)
    now = timezone.now()
    try:
        with transaction.atomic():
            end(model)
            return Challenge.objects.create(
                model=model,
                current_of=model,
                version=ref.version,
                artifact_sha256=ref.sha256,
                share_percent=share_percent,
                begun_at=now,
                begun_by=operator,
                reason=reason,
                seen_until=now,
            )
    except IntegrityError as error:
        raise ChangedMeanwhile from error


def end(model: ScoringModel) -> bool:
    """End the challenge that runs; its scores are kept. False if none runs."""
    running = Challenge.objects.filter(current_of=model)
    return bool(running.update(current_of=None, ended_at=timezone.now()))


def is_sampled(prediction: Prediction, share_percent: int) -> bool:
    """Return whether the sample of this share has the prediction; a larger share has it, too."""
    return prediction.pk.int % 10_000 < share_percent * 100


def score_next() -> bool:
    """Score a part of what was sold since the last one; return True if there may be more.

    Processes may do so at the same time: one of them stores it.
    """
    running = Challenge.objects.filter(current_of__isnull=False).select_related("model")
    return any([_score_part(challenge) for challenge in running])  # noqa: C419  # a part of each


def _score_part(challenge: Challenge) -> bool:
    ended = _next_ended(challenge)
    if not ended:
        return False
    # Counted before it begins.
    begun = Challenge.objects.filter(pk=challenge.pk, seen_until=challenge.seen_until)
    if not begun.update(attempts=F("attempts") + 1):
        return True
    sample = [
        row
        for row in ended
        # Those of deleted accounts have no applicant any more.
        if row.status == Prediction.Status.SUCCEEDED
        and row.applicant
        and is_sampled(row, challenge.share_percent)
    ]
    if challenge.attempts >= settings.MAX_ATTEMPTS:
        logger.error("%d orders are not scored by %s %s", len(sample), challenge.ref.slug, challenge.version)
        sample = []
    try:
        scores = _scores(challenge.ref, sample)
    except ArtifactError as error:
        logger.error(
            "the challenger %s %s cannot be loaded: %s", challenge.ref.slug, challenge.version, error
        )
        return False
    with transaction.atomic():
        # Of two processes, one moves on; and none does once the challenge has ended.
        running = begun.filter(current_of__isnull=False)
        if running.update(seen_until=ended[-1].created_at, attempts=0):
            ChallengerScore.objects.bulk_create(
                ChallengerScore(challenge=challenge, prediction=row, approval_probability=probability)
                for row, probability in zip(sample, scores, strict=True)
            )
    return len(ended) == PART


def _next_ended(challenge: Challenge) -> list[Prediction]:
    """Return the next orders, the oldest first, up to the first that has not ended."""
    rows = (
        Prediction.objects.of_everyone()
        .defer("explanation")
        .filter(model=challenge.model_id)
        .filter(created_at__gt=challenge.seen_until, created_at__lt=timezone.now() - COMMIT_TIME)
        .order_by("created_at", "pk")
    )
    ended: list[Prediction] = []
    for row in rows[:PART]:
        if row.is_pending:
            break
        ended.append(row)
    return ended


def _scores(ref: ArtifactRef, rows: Sequence[Prediction]) -> list[float | None]:
    """Return the probability of each, None for what the version cannot score. Raises `ArtifactError`."""
    if not rows:
        return []
    try:
        compute = partial(score, settings.ARTIFACTS_DIR, ref, [row.facts for row in rows])
        return list(priority.computed(compute).tolist())
    except ArtifactError:
        raise
    except Exception:
        logger.exception("the challenger %s %s failed on %d rows", ref.slug, ref.version, len(rows))
    if len(rows) == 1:
        return [None]
    return [found for row in rows for found in _scores(ref, [row])]
