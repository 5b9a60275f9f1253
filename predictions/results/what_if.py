"""Free features of a result: what-if, ICE curves, loan reduction, verification."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F

from accounts.errors import CustomerError
from accounts.models import User
from accounts.quotas import Quota
from accounts.throttling import Limit, look, take
from predictions.models import Prediction
from predictions.scoring import next_steps as steps
from predictions.scoring import what_if as scoring
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.next_steps import NextStep
from predictions.scoring.predict import score
from predictions.scoring.what_if import CurvePoint, LoanReduction, WhatIf

WHAT_IF = Limit("what-if", 60, 60)
NEXT_STEPS = Limit("next-steps", 120, 60)


class NotFinished(CustomerError):
    """The prediction has no result."""

    status = 409
    code = "not_finished"


class ArtifactUnavailable(CustomerError):
    """The model version of the result cannot be used now."""

    status = 503
    code = "model_unavailable"


class WhatIfLimitReached(CustomerError):
    """All what-if answers that a prediction includes were given.

    Waiting frees none. There is a `retry_after` because every 429 of the API has one, and an operator may
    raise the limit: a client that obeys it asks once a day.
    """

    status = 429
    code = "what_if_limit_reached"
    retry_after = 86_400


@dataclass(frozen=True)
class Verification:
    """`same`: scoring the stored input with the stored artifact gives exactly the sold probability."""

    same: bool
    approval_probability: float
    model_version: str
    artifact_sha256: str


def ask_what_if(user: User, prediction: Prediction, changes: Mapping[str, object]) -> WhatIf:
    """Score the application with `changes`.

    Raises `InvalidApplicant`, `TooManyAttempts`, `WhatIfLimitReached`, `NotFinished`, `ArtifactUnavailable`.
    """
    with _limited_rate(user, prediction), _counted(prediction):
        return _what_if(prediction, changes)


def ask_with_goal(
    user: User, prediction: Prediction, changes: Mapping[str, object], goal: float
) -> tuple[WhatIf, LoanReduction | None]:
    """Return what `ask_what_if` and `smallest_reduction` return; counts as one. Raises like `ask_what_if`."""
    with _limited_rate(user, prediction), _counted(prediction):
        return _what_if(prediction, changes), _reduction(prediction, goal)


def smallest_reduction(user: User, prediction: Prediction, goal: float) -> LoanReduction | None:
    """Return the smallest loan reduction that reaches `goal`, or None. Raises like `ask_what_if`."""
    with _limited_rate(user, prediction), _counted(prediction):
        return _reduction(prediction, goal)


def ice_curves(user: User, prediction: Prediction, fields: Sequence[str]) -> dict[str, list[CurvePoint]]:
    """Return a curve for each of `fields` (of `CURVE_FIELDS`); counts as one of the minute's answers.

    It does not count as an answer of the prediction, because a prediction always has the same curves.
    Raises `TooManyAttempts`, `NotFinished`, `ArtifactUnavailable`.
    """
    with _limited_rate(user, prediction):
        return {
            field: scoring.ice_curve(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, field)
            for field in fields
        }


def next_steps(user: User, prediction: Prediction) -> list[NextStep]:
    """Return what would move the approval most, see `scoring.next_steps`. Raises like `ice_curves`.

    It is part of the page of a result, so it has a limit of its own and takes none of the answers.
    """
    with _limited_rate(user, prediction, NEXT_STEPS):
        return steps.next_steps(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts)


def verify(user: User, prediction: Prediction) -> Verification:
    """Score the stored input again. Limited and raises like `ice_curves`."""
    with _limited_rate(user, prediction):
        (probability,) = score(settings.ARTIFACTS_DIR, prediction.artifact, [prediction.facts])
    same = float(probability) == prediction.approval_probability
    return Verification(same, float(probability), prediction.model_version, prediction.artifact_sha256)


def answers_left(prediction: Prediction) -> int | None:
    """Return how many what-if answers the prediction still includes; None if there is no limit."""
    limit: int = settings.WHAT_IF_PER_PREDICTION
    return max(0, limit - prediction.what_if_used) if limit else None


def minute_left(user: User) -> Quota:
    """Return what is left of the user's answers in this minute."""
    return look(WHAT_IF, str(user.pk))


def _what_if(prediction: Prediction, changes: Mapping[str, object]) -> WhatIf:
    return scoring.what_if(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, changes)


def _reduction(prediction: Prediction, goal: float) -> LoanReduction | None:
    return scoring.smallest_reduction(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, goal)


@contextmanager
def _limited_rate(user: User, prediction: Prediction, limit: Limit = WHAT_IF) -> Iterator[None]:
    """Count one use in this minute. Raises `NotFinished`, `TooManyAttempts`, `ArtifactUnavailable`."""
    if prediction.status != Prediction.Status.SUCCEEDED:
        raise NotFinished
    take(limit, str(user.pk))
    try:
        yield
    except ArtifactError as error:
        raise ArtifactUnavailable from error


@contextmanager
def _counted(prediction: Prediction) -> Iterator[None]:
    """Count one answer of the prediction, unless the block raises. Raises `WhatIfLimitReached`.

    One conditional UPDATE before the answer, so that parallel requests cannot pass the limit.
    """
    row = Prediction.objects.filter(pk=prediction.pk)
    free = row.filter(what_if_used__lt=limit) if (limit := settings.WHAT_IF_PER_PREDICTION) else row
    if not free.update(what_if_used=F("what_if_used") + 1):
        prediction.refresh_from_db(fields=["what_if_used"])
        raise WhatIfLimitReached
    prediction.what_if_used += 1
    try:
        yield
    except BaseException:
        row.update(what_if_used=F("what_if_used") - 1)
        prediction.what_if_used -= 1
        raise
