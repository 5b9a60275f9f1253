"""How many of those who were scored in a week were in each bin of their version."""

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from predictions.models.catalog import ScoringModel
from predictions.scoring.artifacts import ArtifactRef

WEEK = timedelta(days=7)


def week_of(moment: datetime) -> date:
    """Return the Monday of the week of a moment. Days are in UTC, as everywhere in the service."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


class DriftWeek(models.Model):
    """The sales of a version in the week that begins on the Monday `week`, in UTC, as numbers alone.

    `counts` has the rows in each bin by field (`scoring.bins`). Other bins of the same version, by the hash
    of their file, have rows of their own. Only `lifecycle.drift` adds; `lifecycle.drift_alerts` judges a
    week once, when nothing more is added, and asks for a mail.
    """

    # No index of its own, because the unique constraint begins with it.
    model = models.ForeignKey(
        ScoringModel, on_delete=models.PROTECT, related_name="drift_weeks", db_index=False
    )
    week = models.DateField(_("week"))
    version = models.CharField(_("version"), max_length=50)
    artifact_sha256 = models.CharField(_("artifact, SHA-256"), max_length=64)
    bins_sha256 = models.CharField(max_length=64)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    counts = models.JSONField(default=dict)
    judged_at = models.DateTimeField(null=True)
    # From when on a mail is due; empty once it was sent, or if none is needed.
    mail_due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("week of drift")
        verbose_name_plural = _("weeks of drift")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "week", "version", "artifact_sha256", "bins_sha256"], name="drift_week_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="drift_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.week}"

    @property
    def ref(self) -> ArtifactRef:
        return ArtifactRef(self.model.slug, self.version, self.artifact_sha256)

    @property
    def end(self) -> date:
        """The Monday after it."""
        return self.week + WEEK


class DriftProgress(models.Model):
    """Every order of a model up to the one with this time and id is counted; empty before the first."""

    model = models.OneToOneField(ScoringModel, on_delete=models.CASCADE, related_name="drift_progress")
    counted_at = models.DateTimeField(null=True)
    counted_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.model_id}: {self.counted_at}"
