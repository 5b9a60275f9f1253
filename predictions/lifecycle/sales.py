"""Which version of a model is on sale: put one on sale, and find the one of any moment.

A period is added, never changed, so there is one answer for each moment. The update that ends the last one is
the gate: of two changes at once, one finds it ended and is refused.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from predictions import catalog
from predictions.lifecycle import checks
from predictions.models import Batch, Challenge, Prediction, SalePeriod, ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef

logger = logging.getLogger(__name__)


class NotPromoted(Exception):
    """The version was not put on sale; nothing has changed."""


class Unusable(NotPromoted):
    """It does not load, differs from its hash or from its golden scores: `problem` says which."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class AlreadyOnSale(NotPromoted):
    """It is what is sold."""


class ChangedMeanwhile(NotPromoted):
    """Another version is on sale than the operator saw."""


def promote(model: ScoringModel, version: str, *, operator: User, reason: str, seen: int) -> SalePeriod:
    """Put a version on sale, in one step: orders from now on get it, those before keep theirs.

    `seen` is the number of the period that the operator saw as the current one, 0 for none. The version is
    loaded and checked first, in seconds. Raises `Unusable`, `AlreadyOnSale`, `ChangedMeanwhile`.
    """
    try:
        ref = artifacts.version_ref(settings.ARTIFACTS_DIR, model.slug, version)
    except ArtifactError as error:
        raise Unusable(str(error)) from error
    check = checks.check(model, ref)
    if check.problem:
        raise Unusable(check.problem)
    last = catalog.period_on_sale(ScoringModel.objects.get(pk=model.pk))
    if (last.number if last else 0) != seen:
        raise ChangedMeanwhile
    if last and last.ref == ref:
        raise AlreadyOnSale
    period = _begin(model, ref, last, changed_by=operator, reason=reason)
    logger.info("%s %s is on sale", model.slug, version)
    return period


def on_sale_at(model: ScoringModel, moment: datetime) -> SalePeriod | None:
    """Return the period of the version that decided at `moment`; None if the model was not on sale yet."""
    return SalePeriod.objects.filter(model=model).at(moment).first()


def begin_first(model: ScoringModel) -> SalePeriod | None:
    """Put the first version of a model on sale; None if there is one, or if none can be used.

    The one that this installation has sold last, since it was sold first, or else the one that the artifact
    folder names as current. So an upgrade that brings a new version does not change what is sold.
    """
    if catalog.period_on_sale(model):
        return None
    try:
        ref, since = _sold_last(model) or (artifacts.current(settings.ARTIFACTS_DIR, model.slug), None)
    except ArtifactError as error:
        logger.error("%s has no version that can be sold: %s", model.slug, error)
        return None
    return _begin(model, ref, None, since=since)


def _sold_last(model: ScoringModel) -> tuple[ArtifactRef, datetime] | None:
    """Return the version of the newest order, if it is still stored, and since when orders have had it."""
    orders: list[QuerySet[Prediction] | QuerySet[Batch]] = [
        Prediction.objects.of_everyone().filter(model=model),
        Batch.objects.filter(model=model, charge__isnull=False),
    ]
    newest: list[Prediction | Batch] = []
    for rows in orders:
        newest += rows.order_by("-created_at", "-pk")[:1]
    if not newest:
        return None
    ref = max(newest, key=lambda row: row.created_at).artifact
    if ref not in artifacts.versions(settings.ARTIFACTS_DIR, model.slug):
        return None
    same = Q(model_version=ref.version, artifact_sha256=ref.sha256)
    before = [at for rows in orders if (at := rows.exclude(same).aggregate(at=Max("created_at"))["at"])]
    if before:
        same &= Q(created_at__gt=max(before))
    firsts = [rows.filter(same).aggregate(at=Min("created_at"))["at"] for rows in orders]
    return ref, min(at for at in firsts if at)


def _begin(
    model: ScoringModel,
    ref: ArtifactRef,
    last: SalePeriod | None,
    *,
    since: datetime | None = None,
    changed_by: User | None = None,
    reason: str = "",
) -> SalePeriod:
    """End `last` and begin the next period, in one transaction. Raises `ChangedMeanwhile`."""
    now = timezone.now()
    if last:
        # The clock of another server may be behind.
        now = max(now, last.since + timedelta(microseconds=1))
    try:
        with transaction.atomic():
            if last and not SalePeriod.objects.filter(pk=last.pk, current_of=model).update(current_of=None):
                raise ChangedMeanwhile
            # It need not challenge itself.
            Challenge.objects.filter(current_of=model, artifact_sha256=ref.sha256).update(
                current_of=None, ended_at=timezone.now()
            )
            return SalePeriod.objects.create(
                model=model,
                current_of=model,
                number=last.number + 1 if last else 1,
                version=ref.version,
                artifact_sha256=ref.sha256,
                since=since or now,
                changed_by=changed_by,
                reason=reason,
            )
    except IntegrityError as error:
        raise ChangedMeanwhile from error
