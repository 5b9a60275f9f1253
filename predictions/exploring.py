"""What a customer may do with a bought result, free of charge: what if, curves, the cut, check again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from accounts.throttling import Limit, take
from predictions.models import Prediction
from predictions.scoring import what_if as scoring
from predictions.scoring.registry import ArtifactError
from predictions.scoring.scorer import score
from predictions.scoring.what_if import CurvePoint, Cut, WhatIf

WHAT_IF = Limit("what-if", 60, 60)


class NotFinished(Exception):
    """There is no result to explore."""


class ArtifactGone(Exception):
    """The version that made the result cannot be used now."""


@dataclass(frozen=True)
class Check:
    """`same`: the stored input through the stored artifact gives the sold number to the last bit."""

    same: bool
    approval_probability: float
    model_version: str
    artifact_sha256: str


def what_if(user: User, prediction: Prediction, changes: Mapping[str, object]) -> WhatIf:
    """Raises `InvalidApplicant`, `TooManyAttempts`, `NotFinished`, `ArtifactGone`."""
    with _admitted(user, prediction):
        return scoring.what_if(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, changes)


def curves(user: User, prediction: Prediction, fields: Sequence[str]) -> dict[str, list[CurvePoint]]:
    """Approval over each of `fields` out of `scoring.CURVE_FIELDS`: one question. Raises like `what_if`."""
    with _admitted(user, prediction):
        return {
            field: scoring.curve(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, field)
            for field in fields
        }


def smallest_cut(user: User, prediction: Prediction, goal: float) -> Cut | None:
    """The smallest cut of the amount that reaches `goal`, or None. Raises as `what_if` does."""
    with _admitted(user, prediction):
        return scoring.smallest_cut(settings.ARTIFACTS_DIR, prediction.artifact, prediction.facts, goal)


def check_again(user: User, prediction: Prediction) -> Check:
    """Score the stored input again. Raises as `what_if` does."""
    with _admitted(user, prediction):
        (again,) = score(settings.ARTIFACTS_DIR, prediction.artifact, [prediction.facts])
    same = float(again) == prediction.approval_probability
    return Check(same, float(again), prediction.model_version, prediction.artifact_sha256)


@contextmanager
def _admitted(user: User, prediction: Prediction) -> Iterator[None]:
    if prediction.status != Prediction.Status.SUCCEEDED:
        raise NotFinished
    take(WHAT_IF, str(user.pk))
    try:
        yield
    except ArtifactError as error:
        raise ArtifactGone from error
