"""How far the people of each week are from the training data of a version, from what `drift` has counted."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from predictions import catalog
from predictions.models import DriftWeek, ScoringModel
from predictions.models.drift import WEEK, week_of
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.bins import DRIFTED, MIN_ROWS, WATCH, Bins, FieldBins, Shift, bins_of, shift


class Status(models.TextChoices):
    STABLE = "stable", _("Stable")
    WATCH = "watch", _("Watch")
    DRIFTED = "drifted", _("Drifted")
    TOO_FEW = "too_few", _("Too few")


@dataclass(frozen=True)
class Measured:
    """A field, or the score, in a week."""

    bins: FieldBins
    week: date
    rows: int
    counts: list[int]
    shift: Shift

    @property
    def name(self) -> str:
        return self.bins.name

    @property
    def status(self) -> Status:
        if self.rows < MIN_ROWS:
            return Status.TOO_FEW
        if self.shift.psi >= DRIFTED:
            return Status.DRIFTED
        return Status.WATCH if self.shift.psi >= WATCH else Status.STABLE

    @property
    def has_verdict(self) -> bool:
        return self.rows >= MIN_ROWS

    @property
    def is_drifted(self) -> bool:
        return self.status == Status.DRIFTED


@dataclass(frozen=True)
class VersionWeek:
    """A week of a version: the score first, then its fields."""

    week: date
    rows: int
    measured: list[Measured]

    @property
    def is_over(self) -> bool:
        return self.week < this_week()


def this_week() -> date:
    return week_of(timezone.now())


def last_week() -> date:
    """Return the Monday of the last week that is over."""
    return this_week() - WEEK


def weeks_of(
    model: ScoringModel, ref: ArtifactRef, bins: Bins, *, before: date, count: int
) -> list[VersionWeek]:
    """Return up to `count` weeks of a version with sales that begin before a day, the newest first."""
    rows = DriftWeek.objects.filter(
        model=model, version=ref.version, artifact_sha256=ref.sha256, bins_sha256=bins.sha256
    )
    return [measured(row, bins) for row in rows.filter(week__lt=before).order_by("-week")[:count]]


def measured(row: DriftWeek, bins: Bins) -> VersionWeek:
    """Compare the counts of a week with the training data."""
    fields = [
        Measured(field, row.week, row.rows, counts, shift(field.rows, counts))
        for field in bins.fields
        if (counts := row.counts.get(field.name))
    ]
    return VersionWeek(row.week, row.rows, fields)


def drifted(row: DriftWeek) -> list[Measured]:
    """Return what has drifted in a week. Raises `ArtifactError` if the bins cannot be read."""
    bins = bins_of(settings.ARTIFACTS_DIR, row.ref)
    if bins is None or bins.sha256 != row.bins_sha256:
        return []
    return [one for one in measured(row, bins).measured if one.is_drifted]


def on_sale_last_week() -> list[tuple[ArtifactRef, VersionWeek]]:
    """Return the last week that is over of each version on sale, where it has sales and bins."""
    found = []
    for row in DriftWeek.objects.filter(week=last_week()).select_related("model__on_sale"):
        period = catalog.period_on_sale(row.model)
        if period is None or period.artifact_sha256 != row.artifact_sha256:
            continue
        try:
            bins = bins_of(settings.ARTIFACTS_DIR, row.ref)
        except ArtifactError:
            continue  # The admin's page says what is wrong.
        if bins and bins.sha256 == row.bins_sha256:
            found.append((row.ref, measured(row, bins)))
    return found
