"""Explanations: worked out once after the result, off the way that customers wait on, and kept with it."""

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from redis.exceptions import RedisError

from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.explain import explain
from predictions.scoring.reasons import reasons
from predictions.texts import localized

logger = logging.getLogger(__name__)

# Unasked for, a result is explained within this time after it came, or not at all.
UNASKED_FOR = timedelta(hours=1)
# One chain of explanations at a time, so that they never take more than one place from the orders.
# Its mark outlives a link, and runs out when the chain has died with its worker.
CHAIN = "explanations"
CHAIN_SECONDS = 30
FAILED: dict[str, Any] = {}


@dataclass(frozen=True)
class Reason:
    code: str
    field: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """`base` + the sum of the contributions is the approval probability, within 1e-9."""

    base: float
    approval_probability: float
    contributions: list[dict[str, Any]]
    reasons: list[Reason]


def waiting() -> PredictionQuerySet:
    """Results that are to be explained without anybody asking."""
    return Prediction.objects.unexplained().filter(finished_at__gt=timezone.now() - UNASKED_FOR)


def begin_chain() -> bool:
    """Whether there is work for a chain and none at it; no work begins without the cache."""
    try:
        return waiting().exists() and _mark(CHAIN)
    except RedisError:
        logger.exception("no explanation is begun: the cache does not answer")
        return False


def explain_next() -> bool:
    """One link: the newest result, which somebody may be looking at; True when another must follow."""
    prediction = waiting().select_related("model").order_by("-finished_at").first()
    if prediction is None:
        cache.delete(CHAIN)
        # A result may have come since, and found the mark still there.
        return begin_chain()
    cache.touch(CHAIN, CHAIN_SECONDS)
    explain_and_keep(prediction)
    return True


def may_ask(prediction: Prediction) -> bool:
    """Asking over and over again makes one explanation. Raises `RedisError`."""
    return _mark(f"{CHAIN}:{prediction.pk}")


def explain_and_keep(prediction: Prediction) -> None:
    """A failure is kept, too: it must not stand in the way of others. Asking tries again."""
    try:
        kept = asdict(explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts))
    except Exception:
        logger.exception("prediction %s cannot be explained", prediction.pk)
        kept = FAILED
    # Two that explain the same result write the same words; the first ones stay.
    open_still = Q(explanation__isnull=True) | Q(explanation=FAILED)
    Prediction.objects.filter(open_still, pk=prediction.pk, status=Prediction.Status.SUCCEEDED).update(
        explanation=kept
    )


def explanation_of(prediction: Prediction) -> Explanation | None:
    """The kept explanation in the reader's language; None while there is none (see `has_failed`)."""
    kept = prediction.explanation
    if not kept:
        return None
    by_field = {part["field"]: part["contribution"] for part in kept["contributions"]}
    said = [
        Reason(reason.code, reason.field, gettext(reason.text) % localized(reason.params))
        for reason in reasons(prediction.facts, by_field)
    ]
    return Explanation(kept["base"], kept["approval_probability"], kept["contributions"], said)


def has_failed(prediction: Prediction) -> bool:
    return bool(prediction.explanation == FAILED)


def _mark(key: str) -> bool:
    """True for the first who asks. Raises `RedisError`."""
    return cache.add(key, 1, timeout=CHAIN_SECONDS)
