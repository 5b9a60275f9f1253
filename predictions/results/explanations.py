"""Explanations of results: computed once, after the result and apart from orders, and stored with it."""

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

# Without a request, a result is explained within this time after it came, or not at all.
UNREQUESTED_WITHIN = timedelta(hours=1)
# One chain of explanations at a time, so that they never take more than one process from the orders.
# Its mark in the cache outlives a link, and expires when the chain has died with its worker.
CHAIN = "explanations"
CHAIN_SECONDS = 30
FAILED: dict[str, Any] = {}


def unexplained_results() -> PredictionQuerySet:
    """Recent results that have no explanation yet."""
    return Prediction.objects.unexplained().filter(finished_at__gt=timezone.now() - UNREQUESTED_WITHIN)


def start_chain() -> bool:
    """Whether there is work for a chain and no chain at work; False while the cache does not answer."""
    try:
        return unexplained_results().exists() and _mark(CHAIN)
    except RedisError:
        logger.exception("no explanation is started: the cache does not answer")
        return False


def explain_next() -> bool:
    """One link of the chain: explain the newest result; True when another link must follow."""
    prediction = unexplained_results().select_related("model").order_by("-finished_at").first()
    if prediction is None:
        cache.delete(CHAIN)
        # A result may have come since, and found the mark still there.
        return start_chain()
    cache.touch(CHAIN, CHAIN_SECONDS)
    explain_and_store(prediction)
    return True


def may_request(prediction: Prediction) -> bool:
    """False when it was requested a moment ago. Raises `RedisError`."""
    return _mark(f"{CHAIN}:{prediction.pk}")


def explain_and_store(prediction: Prediction) -> None:
    """A failure is stored, too, so that it does not block others. A request tries again."""
    try:
        stored = asdict(explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts))
    except Exception:
        logger.exception("prediction %s cannot be explained", prediction.pk)
        stored = FAILED
    # Two that explain the same result get the same numbers; the first ones stay.
    missing = Q(explanation__isnull=True) | Q(explanation=FAILED)
    Prediction.objects.filter(missing, pk=prediction.pk, status=Prediction.Status.SUCCEEDED).update(
        explanation=stored
    )


def explanation_of(prediction: Prediction) -> Explanation | None:
    """The stored explanation; None while there is none (see `has_failed`)."""
    stored = prediction.explanation
    if not stored:
        return None
    contributions = tuple(Contribution(**contribution) for contribution in stored["contributions"])
    return Explanation(stored["base"], stored["approval_probability"], contributions)


def reasons_of(prediction: Prediction, explanation: Explanation) -> tuple[Reason, ...]:
    """What lowers the probability most, see `scoring.reasons`."""
    return reasons(prediction.facts, {part.field: part.contribution for part in explanation.contributions})


def has_failed(prediction: Prediction) -> bool:
    return bool(prediction.explanation == FAILED)


def _mark(key: str) -> bool:
    """True for the first caller within `CHAIN_SECONDS`. Raises `RedisError`."""
    return cache.add(key, 1, timeout=CHAIN_SECONDS)
