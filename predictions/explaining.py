"""Explanations: worked out once after the result, off the way that customers wait on, and kept with it."""

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.explain import explain
from predictions.scoring.registry import ArtifactError
from predictions.texts import localized

logger = logging.getLogger(__name__)

# An explanation that cannot be made is not tried for ever; its page asks for it again.
TRIED_FOR = timedelta(hours=1)


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
    return Prediction.objects.unexplained().filter(finished_at__gt=timezone.now() - TRIED_FOR)


def explain_next() -> bool:
    """Explain the newest result, which somebody may be looking at; False when all are explained."""
    prediction = waiting().select_related("model").order_by("-finished_at").first()
    return prediction is not None and explain_and_keep(prediction)


def explain_and_keep(prediction: Prediction) -> bool:
    """False when the artifact that made the result cannot be used now."""
    try:
        explanation = explain(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts)
    except ArtifactError as error:
        logger.error("prediction %s cannot be explained: %s", prediction.pk, error)
        return False
    # Two that explain the same result write the same words; the first one stays.
    Prediction.objects.unexplained().filter(pk=prediction.pk).update(explanation=asdict(explanation))
    return True


def explanation_of(prediction: Prediction) -> Explanation | None:
    """The kept explanation in the reader's language; None while it is being made."""
    kept = prediction.explanation
    if kept is None:
        return None
    reasons = [
        Reason(reason["code"], reason["field"], gettext(reason["text"]) % localized(reason["params"]))
        for reason in kept["reasons"]
    ]
    return Explanation(kept["base"], kept["approval_probability"], kept["contributions"], reasons)
