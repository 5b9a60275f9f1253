"""Counts who was scored, by week, in the bins of the version that was sold to them: `scoring.bins`.

Nothing of it touches an order: orders are read when they have ended, by the bulk role, at its priority. The
rows of a file are counted together with their chunk, because nobody can read them later. What is scored free
of charge after a failure was not sold, and does not count.
"""

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from predictions import priority
from predictions.models import Batch, DriftProgress, DriftWeek, Prediction, ScoringModel
from predictions.models.drift import WEEK, beginning, week_of
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.bins import Bins, Counts, added, bins_of
from predictions.scoring.models.columns import Columns, Floats
from predictions.scoring.schema import Applicant

logger = logging.getLogger(__name__)

# Orders that are counted together.
PART = 2_000
# An order may be committed a moment after a later one. After so long, none before it is still to come: the
# web role waits 20 seconds for its database at most.
COMMIT_TIME = timedelta(minutes=1)


class Counted(NamedTuple):
    """Rows of a week, in the bins of a version."""

    ref: ArtifactRef
    bins_sha256: str
    week: date
    rows: int
    counts: Counts


class Order(NamedTuple):
    """What is read of an order. `comped_by` has scored it again free of charge."""

    created_at: Any
    pk: UUID
    status: str
    version: str
    sha256: str
    comped_by: Any
    approval: float | None
    applicant: Applicant

    @property
    def is_sold(self) -> bool:
        """An account that was deleted leaves empty applicants, which are nobody."""
        sold = self.status == Prediction.Status.SUCCEEDED and self.comped_by is None
        return sold and bool(self.applicant)


COLUMNS = (
    *("created_at", "pk", "status", "model_version", "artifact_sha256", "comped_by"),
    *("approval_probability", "applicant"),
)
Group: TypeAlias = tuple[Bins, ArtifactRef, date, list[Order]]


def count_next() -> bool:
    """Count a part of the orders of each model since the last one; return True if there may be more.

    Processes may do so at the same time: one of them stores it.
    """
    models = ScoringModel.objects.all()
    return any([_count_part(model) for model in models])  # noqa: C419  # a part of each


def counted_rows(batch: Batch, columns: Columns, raw: Floats, approval: Floats) -> Counted | None:
    """Count the rows of a chunk: a raw matrix and its probabilities, NaN for those without a result.

    None if they do not count. Never fails: a customer's results do not depend on it. Uses no database.
    """
    scored = ~np.isnan(approval)
    if batch.comped_by_id or batch.confirmed_at is None or not scored.any():
        return None
    try:
        if bins := bins_of(settings.ARTIFACTS_DIR, batch.artifact):
            counts = bins.count(raw[scored], columns, approval[scored])
            week, rows = week_of(batch.confirmed_at), int(scored.sum())
            return Counted(batch.artifact, bins.sha256, week, rows, counts)
    except Exception:
        logger.exception("%d rows of file %s are not counted for drift", scored.sum(), batch.pk)
    return None


def add(model_id: int, counted: Counted) -> None:
    """Add rows to their week, in the caller's transaction."""
    week, _created = DriftWeek.objects.select_for_update(no_key=True).get_or_create(
        model_id=model_id,
        week=counted.week,
        version=counted.ref.version,
        artifact_sha256=counted.ref.sha256,
        bins_sha256=counted.bins_sha256,
    )
    week.rows += counted.rows
    week.counts = added(week.counts, counted.counts)
    week.save(update_fields=["rows", "counts"])


def is_counted(model: ScoringModel, week: date) -> bool:
    """Return whether everything that was sold in a week that is over has ended and is counted."""
    end = beginning(week + WEEK)
    if timezone.now() < end + COMMIT_TIME:
        return False
    progress = DriftProgress.objects.filter(model=model).first()
    orders = _orders(model.pk, progress.counted_at, progress.counted_id) if progress else None
    if orders is None or orders.filter(created_at__lt=end).exists():
        return False
    return not Batch.objects.paid().filter(model=model, confirmed_at__lt=end).exists()


def _count_part(model: ScoringModel) -> bool:
    progress, _created = DriftProgress.objects.get_or_create(model=model)
    ended = _next_ended(progress)
    if not ended:
        return False
    try:
        found = priority.computed(partial(_counted, model.slug, ended))
    except ArtifactError as error:
        logger.error("the orders of %s are counted for drift later: %s", model.slug, error)
        return False
    before = DriftProgress.objects.filter(
        pk=progress.pk, counted_at=progress.counted_at, counted_id=progress.counted_id
    )
    with transaction.atomic():
        # Of two processes, one moves on.
        if before.update(counted_at=ended[-1].created_at, counted_id=ended[-1].pk):
            for counted in found:
                add(model.pk, counted)
    return len(ended) == PART


def _next_ended(progress: DriftProgress) -> list[Order]:
    """Return the next orders, the oldest first, up to the first that has not ended."""
    rows = _orders(progress.model_id, progress.counted_at, progress.counted_id)
    rows = rows.filter(created_at__lt=timezone.now() - COMMIT_TIME).order_by("created_at", "pk")
    ended: list[Order] = []
    for row in rows.values_list(*COLUMNS)[:PART]:
        order = Order._make(row)
        if order.status in Prediction.PENDING:
            break
        ended.append(order)
    return ended


def _orders(model_id: int, counted_at: Any, counted_id: UUID | None) -> Any:
    """Return the orders of a model that are not counted yet."""
    rows = Prediction.objects.of_everyone().filter(model=model_id)
    if counted_at is None:
        return rows
    # The first condition is what the index is read by.
    later = Q(created_at__gt=counted_at) | Q(pk__gt=counted_id)
    return rows.filter(later, created_at__gte=counted_at)


def _counted(slug: str, orders: Sequence[Order]) -> list[Counted]:
    """Return the counts of each version and week, in an order that is always the same.

    So two transactions never wait for each other's weeks in a circle. Raises `ArtifactError`.
    """
    groups: dict[tuple[str, str, date], list[Order]] = {}
    for order in orders:
        if order.is_sold:
            groups.setdefault((order.version, order.sha256, week_of(order.created_at)), []).append(order)
    found = []
    for (version, sha256, week), rows in sorted(groups.items()):
        ref = ArtifactRef(slug, version, sha256)
        if bins := bins_of(settings.ARTIFACTS_DIR, ref):
            approval = np.array([row.approval for row in rows], dtype=np.float64)
            counts = bins.count_applicants([row.applicant for row in rows], approval)
            found.append(Counted(ref, bins.sha256, week, len(rows), counts))
    return found
