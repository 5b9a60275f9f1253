"""Explanations of results: requested by customers, computed once by the explainer, stored with the result.

The rows are the queue here, too: a request is a time in the row, and messages only wake the explainer.
"""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import takewhile
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.errors import RetryLater
from accounts.models import User
from predictions import events, limits, priority
from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.explain import Contribution, Explanation, explain_all
from predictions.scoring.reasons import Reason, reasons
from predictions.scoring.schema import Applicant
from telemetry import metrics

logger = logging.getLogger(__name__)

# So many are explained together. Then the task ends and the next one continues, so that explainers can stop.
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
    changes = {"explanation": None, "explanation_claimed_at": None}
    with transaction.atomic():
        # Parallel requests of a user come one after the other, so that together they cannot pass the limit.
        user = User.objects.select_for_update(no_key=True).get(pk=prediction.user_id)
        quota, seconds = limits.admit_explanation(user)
        if seconds:
            raise TooManyExplanations(seconds, quota)
        return bool(row.update(explanation_requested_at=timezone.now(), **changes))


def waiting() -> PredictionQuerySet:
    """Return the requests that no explainer works on, or whose explainer has died, by user and time."""
    unclaimed = Q(explanation_claimed_at__isnull=True)
    expired = Q(explanation_claimed_at__lt=timezone.now() - settings.LEASE)
    requests = Prediction.objects.to_explain().filter(unclaimed | expired)
    return requests.order_by("user_id", "explanation_requested_at")


def by_turns(last_user: uuid.UUID | None) -> PredictionQuerySet:
    """Return the oldest request of each user, those after `last_user` first, then the second of each."""
    turn = Window(RowNumber(), partition_by="user_id", order_by="explanation_requested_at")
    later = Case(When(user_id__gt=last_user, then=0), default=1) if last_user else "user_id"
    return waiting().annotate(turn=turn).order_by("turn", later, "user_id")


class Explainer:
    """Computes requested explanations, several together, one of each user in turn."""

    def __init__(self) -> None:
        # Whose turn was last. If the process dies, the turns begin again, which does no harm.
        self._last_user: uuid.UUID | None = None
        # A process explains what messages ask for and looks by itself, in two threads.
        self._one = threading.Lock()

    def explain_requested(self) -> bool:
        """Compute up to `MAX_AT_ONCE` explanations; return True if there may be more."""
        with self._one:
            turns = list(by_turns(self._last_user)[:MAX_AT_ONCE])
            # What was begun before may be what kills explainers, so it is explained alone.
            fresh = list(takewhile(lambda row: not row.explanation_attempts, turns))
            rows = fresh or turns[:1]
            if rows:
                self._last_user = rows[-1].user_id
                explain_and_store(_claim(rows))
            return len(turns) == MAX_AT_ONCE or len(rows) < len(turns)


def _claim(requests: Sequence[Prediction]) -> list[Prediction]:
    """Claim what still waits and return it, except what no attempts are left for, which fails.

    Attempts are counted before they begin: what has killed the explainer `MAX_ATTEMPTS` times fails at once.
    """
    ids = [row.pk for row in requests]
    with transaction.atomic():
        rows = waiting().filter(pk__in=ids).select_related("model")
        found = {row.pk: row for row in rows.select_for_update(skip_locked=True, of=("self",))}
        claimed = [pk for pk in ids if pk in found and found[pk].explanation_attempts < settings.MAX_ATTEMPTS]
        attempts = F("explanation_attempts") + 1
        rows.filter(pk__in=claimed).update(
            explanation_attempts=attempts, explanation_claimed_at=timezone.now()
        )
        for pk in found.keys() - set(claimed):
            rows.filter(pk=pk).update(explanation=FAILED)
            logger.error("prediction %s has killed the explainer too often and is not explained", pk)
    return [found[pk] for pk in claimed]


def explain_and_store(predictions: Sequence[Prediction]) -> None:
    """Explain results and store that, or store `FAILED`, so that it does not block other results.

    Those of one artifact are explained in one call and stored in one statement.
    """
    groups: dict[ArtifactRef, list[Prediction]] = defaultdict(list)
    for prediction in predictions:
        groups[prediction.artifact].append(prediction)
    # Two tasks that explain the same result compute the same numbers; the first one's are stored.
    missing = Prediction.objects.filter(
        Q(explanation__isnull=True) | Q(explanation=FAILED), status=Prediction.Status.SUCCEEDED
    )
    for ref, group in groups.items():
        for prediction, stored in zip(group, _explain(ref, group), strict=True):
            prediction.explanation, prediction.explanation_attempts = stored, 0
        if missing.bulk_update(group, ["explanation", "explanation_attempts"]):
            events.explained([row for row in group if not has_failed(row)])


def _explain(ref: ArtifactRef, group: Sequence[Prediction]) -> list[dict[str, Any]]:
    """Return what is stored for each."""
    try:
        with metrics.explaining(ref.slug, len(group)):
            facts = [row.facts for row in group]
            explained = priority.computed(partial(explain_all, settings.ARTIFACTS_DIR, ref, facts))
            return [asdict(explanation) for explanation in explained]
    except Exception:
        if len(group) > 1:  # Only those fail that cannot be explained.
            return [stored for prediction in group for stored in _explain(ref, [prediction])]
        (prediction,) = group
        logger.exception(
            "prediction %s cannot be explained", prediction.pk, extra=events.about(prediction.pk)
        )
        return [FAILED]


def explanation_of(prediction: Prediction) -> Explanation | None:
    """Return the stored explanation; None without one (see `has_failed`)."""
    stored = prediction.explanation
    if not stored:
        return None
    contributions = tuple(Contribution(**contribution) for contribution in stored["contributions"])
    return Explanation(stored["base"], stored["approval_probability"], contributions)


def reasons_of(prediction: Prediction, explanation: Explanation) -> tuple[Reason, ...]:
    """Return what lowers the probability most (see `scoring.reasons`)."""
    return reasons_in(prediction.facts, explanation)


def reasons_in(applicant: Applicant, explanation: Explanation) -> tuple[Reason, ...]:
    return reasons(applicant, {part.field: part.contribution for part in explanation.contributions})


def has_failed(prediction: Prediction) -> bool:
    return bool(prediction.explanation == FAILED)
