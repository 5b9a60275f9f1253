"""Free features of a result: what-if, ICE curves, loan reduction, verification."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from accounts.errors import CustomerError
from accounts.models import User
from accounts.throttling import Limit, take
from predictions.models import Prediction
from predictions.scoring import what_if as scoring
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.predict import score
from predictions.scoring.what_if import CurvePoint, LoanReduction, WhatIf

WHAT_IF = Limit("what-if", 60, 60)


class NotFinished(CustomerError):
    """The prediction has no result."""

    status = 409
    code = "not_finished"


class ArtifactUnavailable(CustomerError):
    """The model version of the result cannot be used now."""

    status = 503
    code = "model_unavailable"


@dataclass(frozen=True)
class Verification:
    """`same`: scoring the stored input with the stored artifact gives exactly the sold probability."""

    same: bool
    approval_probability: float
    model_version: str
    artifact_sha256: str


def ask_what_if(user: User, prediction: Prediction, changes: Mapping[str, object]) -> WhatIf:
    """Score the application with `changes`.

    Raises `InvalidApplicant`, `TooManyAttempts`, `NotFinished`, `ArtifactUnavailable`.
    """
    with _limited_use(user, prediction):
        return scoring.what_if(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, changes)


def ice_curves(user: User, prediction: Prediction, fields: Sequence[str]) -> dict[str, list[CurvePoint]]:
    """Return a curve for each of `fields` (of `CURVE_FIELDS`); counts as one. Raises like `ask_what_if`."""
    with _limited_use(user, prediction):
        return {
            field: scoring.ice_curve(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, field)
            for field in fields
        }


def smallest_reduction(user: User, prediction: Prediction, goal: float) -> LoanReduction | None:
    """Return the smallest loan reduction that reaches `goal`, or None. Raises like `ask_what_if`."""
    with _limited_use(user, prediction):
        return scoring.smallest_reduction(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, goal)


def verify(user: User, prediction: Prediction) -> Verification:
    """Score the stored input again. Raises like `ask_what_if`."""
    with _limited_use(user, prediction):
        (probability,) = score(settings.ARTIFACTS_DIR, prediction.artifact, [prediction.facts])
    same = float(probability) == prediction.approval_probability
    return Verification(same, float(probability), prediction.model_version, prediction.artifact_sha256)


@contextmanager
def _limited_use(user: User, prediction: Prediction) -> Iterator[None]:
    """Count one use of a result. Raises `NotFinished`, `TooManyAttempts`, `ArtifactUnavailable`."""
    if prediction.status != Prediction.Status.SUCCEEDED:
        raise NotFinished
    take(WHAT_IF, str(user.pk))
    try:
        yield
    except ArtifactError as error:
        raise ArtifactUnavailable from error
