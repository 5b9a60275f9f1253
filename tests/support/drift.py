"""Weeks of sales, counted in the bins of a version."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings

from predictions.lifecycle.drift import count_next
from predictions.lifecycle.drift_report import this_week
from predictions.models import DriftProgress, DriftWeek, Prediction, ScoringModel
from predictions.models.drift import beginning
from predictions.scoring.bins import bins_of

SLUG = "logistic-regression"
MONDAY = "2026-03-02"


def model_now(slug: str = SLUG) -> ScoringModel:
    return ScoringModel.objects.get(slug=slug)


def week_before(weeks: int = 1) -> date:
    """The Monday so many weeks before that of this week."""
    return this_week() - timedelta(days=7 * weeks)


def sold_week(
    week: date, *, rows: int = 10_000, slug: str = SLUG, moved: Mapping[str, float] | None = None
) -> DriftWeek:
    """A week of the version on sale whose people are those of the training.

    `moved`: of these fields, such a share of the rows is in the first bin in place of its own.
    """
    model = model_now(slug)
    ref = model.on_sale.ref
    bins = bins_of(settings.ARTIFACTS_DIR, ref)
    assert bins
    counts = {}
    for field in bins.fields:
        share = (moved or {}).get(field.name, 0.0)
        own = [round(rows * (1 - share) * one / sum(field.rows)) for one in field.rows]
        counts[field.name] = [own[0] + rows - sum(own), *own[1:]]
    return DriftWeek.objects.create(
        model=model,
        week=week,
        version=ref.version,
        artifact_sha256=ref.sha256,
        bins_sha256=bins.sha256,
        rows=rows,
        counts=counts,
    )


def count_until(week: date, slug: str = SLUG) -> None:
    """Say that all orders until this Monday are counted."""
    until = {"counted_at": beginning(week), "counted_id": uuid.UUID(int=0)}
    DriftProgress.objects.update_or_create(model=model_now(slug), defaults=until)


def settle(prediction: Prediction, at: str = f"{MONDAY}T10:00:00+00:00") -> Prediction:
    """Put the order back: everything that was ordered before it is committed now."""
    Prediction.objects.filter(pk=prediction.pk).update(created_at=datetime.fromisoformat(at))
    return prediction


def count_all() -> None:
    while count_next():
        pass


def totals() -> dict[date, int]:
    """The rows of each week; in each field, each is in one bin."""
    weeks = list(DriftWeek.objects.all())
    for week in weeks:
        assert {sum(counts) for counts in week.counts.values()} == {week.rows}
        assert len(week.counts) == 12
    return {week.week: week.rows for week in weeks}
