"""Explanations of results: computed once by separate tasks after the result, and stored with it."""

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.explain import Contribution, Explanation, explain
from predictions.scoring.reasons import Reason, reasons

logger = logging.getLogger(__name__)

# Older results are explained only on request.
MAX_UNREQUESTED_AGE = timedelta(hours=1)
# One chain of explanation tasks runs at a time, so that orders lose at most one process to it. The cache
# key that marks a running chain outlives one task, and expires if the worker dies.
CHAIN = "explanations"
CHAIN_SECONDS = 30
FAILED: dict[str, Any] = {}


def unexplained_results() -> PredictionQuerySet:
    """Return recent results that have no explanation yet."""
    return Prediction.objects.unexplained().filter(finished_at__gt=timezone.now() - MAX_UNREQUESTED_AGE)


def start_chain() -> bool:
    """Return True if results need explanations and no chain runs; False if the cache does not answer."""
    try:
        return unexplained_results().exists() and _mark(CHAIN)
    except RedisError:
        logger.exception("explanations not started: the cache does not answer")
        return False


def explain_next() -> bool:
    """One task of the chain: explain the newest result; return True if another task must follow."""
    prediction = unexplained_results().select_related("model").order_by("-finished_at").first()
    if prediction is None:
        cache.delete(CHAIN)
        # A result may have come in between, while the key still marked a running chain.
        return start_chain()
    cache.touch(CHAIN, CHAIN_SECONDS)
    explain_and_store(prediction)
    return True


def may_request(prediction: Prediction) -> bool:
    """Return False if it was requested within `CHAIN_SECONDS`. Raises `RedisError`."""
    return _mark(f"{CHAIN}:{prediction.pk}")


def explain_and_store(prediction: Prediction) -> None:
    """Explain a result and store it, or store `FAILED`, so that it does not block other results.

    A failed one is tried again on request.
    """
    try:
        stored = asdict(explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts))
    except Exception:
        logger.exception("prediction %s cannot be explained", prediction.pk)
        stored = FAILED
    # Two tasks that explain the same result compute the same numbers; the first one's are stored.
    missing = Q(explanation__isnull=True) | Q(explanation=FAILED)
    Prediction.objects.filter(missing, pk=prediction.pk, status=Prediction.Status.SUCCEEDED).update(
        explanation=stored
    )


def explanation_of(prediction: Prediction) -> Explanation | None:
    """Return the stored explanation; None without one (see `has_failed`)."""
    stored = prediction.explanation
    if not stored:
        return None
    contributions = tuple(Contribution(**contribution) for contribution in stored["contributions"])
    return Explanation(stored["base"], stored["approval_probability"], contributions)


def reasons_of(prediction: Prediction, explanation: Explanation) -> tuple[Reason, ...]:
    """Return what lowers the probability most (see `scoring.reasons`)."""
    return reasons(prediction.facts, {part.field: part.contribution for part in explanation.contributions})


def has_failed(prediction: Prediction) -> bool:
    return bool(prediction.explanation == FAILED)


def _mark(key: str) -> bool:
    """Return True for the first call within `CHAIN_SECONDS`. Raises `RedisError`."""
    return cache.add(key, 1, timeout=CHAIN_SECONDS)
