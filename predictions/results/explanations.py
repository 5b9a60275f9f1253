"""Explanations of results: requested by customers, computed once by the explainer, stored with the result.

The rows are the queue here, too: a request is a time in the row, and messages only wake the explainer.
"""

import logging
import uuid
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from accounts.errors import RetryLater
from predictions import events
from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.explain import Contribution, Explanation, explain
from predictions.scoring.reasons import Reason, reasons
from telemetry import metrics

logger = logging.getLogger(__name__)

# After this many explanations the task ends and the next one continues, so that the explainer can stop.
MAX_AT_ONCE = 20
FAILED: dict[str, Any] = {}


class TooManyExplanations(RetryLater):
    """The user's limit of requests per minute is reached."""

    code = "too_many_explanations"


def request(prediction: Prediction) -> bool:
    """Record that an explanation is wanted; return True if the explainer must be notified of it.

    False if there is no result, or its explanation is stored or was requested before. A failed one is tried
    again. Raises `TooManyExplanations`.
    """
    wanted = Q(explanation__isnull=True, explanation_requested_at__isnull=True) | Q(explanation=FAILED)
    row = Prediction.objects.filter(wanted, pk=prediction.pk, status=Prediction.Status.SUCCEEDED)
    if not row.exists():
        return False
    own = Prediction.objects.filter(user=prediction.user_id)
    if seconds := own.retry_after("explanation_requested_at", settings.EXPLANATIONS_PER_MINUTE):
        raise TooManyExplanations(seconds)
    changes = {"explanation": None, "explanation_claimed_at": None}
    return bool(row.update(explanation_requested_at=timezone.now(), **changes))


def waiting() -> PredictionQuerySet:
    """Return the requests that no explainer works on, or whose explainer has died, by user and time."""
    unclaimed = Q(explanation_claimed_at__isnull=True)
    expired = Q(explanation_claimed_at__lt=timezone.now() - settings.LEASE)
    requests = Prediction.objects.to_explain().filter(unclaimed | expired)
    return requests.order_by("user_id", "explanation_requested_at")


class Explainer:
    """Computes requested explanations, one of each user in turn."""

    def __init__(self) -> None:
        # Whose turn was last. If the process dies, the turns begin again, which does no harm.
        self._last_user: uuid.UUID | None = None

    def explain_requested(self) -> bool:
        """Compute up to `MAX_AT_ONCE` explanations; return True if there may be more."""
        return all(self.explain_next() for _number in range(MAX_AT_ONCE))

    def explain_next(self) -> bool:
        """Compute the oldest request of the user whose turn it is; return False if nothing waits."""
        prediction = self._next()
        if prediction is None:
            return False
        self._last_user = prediction.user_id
        if _claim(prediction):
            explain_and_store(prediction)
        return True

    def _next(self) -> Prediction | None:
        by_turns = waiting().select_related("model")
        later = by_turns.filter(user_id__gt=self._last_user) if self._last_user else by_turns
        return later.first() or by_turns.first()


def _claim(prediction: Prediction) -> bool:
    """Claim a waiting request; return False if another explainer was faster or no attempts are left.

    The attempt is counted before it begins: what has killed the explainer `MAX_ATTEMPTS` times fails at once.
    """
    row = waiting().filter(pk=prediction.pk)
    if row.filter(explanation_attempts__gte=settings.MAX_ATTEMPTS).update(explanation=FAILED):
        logger.error("prediction %s has killed the explainer too often and is not explained", prediction.pk)
        return False
    claim = {"explanation_attempts": F("explanation_attempts") + 1, "explanation_claimed_at": timezone.now()}
    return bool(row.update(**claim))


def explain_and_store(prediction: Prediction) -> None:
    """Explain a result and store it, or store `FAILED`, so that it does not block other results."""
    try:
        with metrics.explaining(prediction.model.slug):
            stored = asdict(explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts))
    except Exception:
        logger.exception(
            "prediction %s cannot be explained", prediction.pk, extra=events.about(prediction.pk)
        )
        stored = FAILED
    # Two tasks that explain the same result compute the same numbers; the first one's are stored.
    missing = Q(explanation__isnull=True) | Q(explanation=FAILED)
    row = Prediction.objects.filter(missing, pk=prediction.pk, status=Prediction.Status.SUCCEEDED)
    if row.update(explanation=stored, explanation_attempts=0) and stored != FAILED:
        events.explained(prediction)


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
