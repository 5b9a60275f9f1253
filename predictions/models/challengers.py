"""Challengers: versions that score a sample of the orders beside the one on sale, for operators alone."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from predictions.models.catalog import ScoringModel
from predictions.models.predictions import Prediction
from predictions.models.versions import MAX_REASON_LENGTH
from predictions.scoring.artifacts import ArtifactRef


class Challenge(models.Model):
    """A version scores `share_percent` of a model's orders after their customers' results.

    `current_of` marks the one that runs. Every order up to `seen_until` is dealt with; `attempts` counts how
    often the next ones were begun, so that what kills a process does so a few times only.
    """

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="challenges")
    current_of = models.OneToOneField(
        ScoringModel, on_delete=models.PROTECT, null=True, editable=False, related_name="challenger"
    )
    version = models.CharField(_("version"), max_length=50)
    artifact_sha256 = models.CharField(_("artifact, SHA-256"), max_length=64)
    share_percent = models.PositiveSmallIntegerField(
        _("share of orders, percent"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    begun_at = models.DateTimeField(_("begun"))
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH)
    ended_at = models.DateTimeField(_("ended"), null=True)
    seen_until = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")
        constraints = [
            models.CheckConstraint(
                condition=Q(share_percent__gte=1, share_percent__lte=100), name="challenge_share_is_percent"
            ),
            models.CheckConstraint(
                condition=Q(current_of__isnull=True, ended_at__isnull=False)
                | Q(current_of=F("model"), ended_at__isnull=True),
                name="challenge_runs_until_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def ref(self) -> ArtifactRef:
        return ArtifactRef(self.model.slug, self.version, self.artifact_sha256)


class ChallengerScore(models.Model):
    """What a challenger gave the applicant of a prediction; None if it could not score it."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="scores", db_index=False)
    prediction = models.ForeignKey(Prediction, on_delete=models.PROTECT, related_name="challenger_scores")
    approval_probability = models.FloatField(_("probability of approval"), null=True)

    class Meta:
        verbose_name = _("score of a challenger")
        verbose_name_plural = _("scores of challengers")
        constraints = [
            models.UniqueConstraint(fields=["challenge", "prediction"], name="challenger_scores_once")
        ]

    def __str__(self) -> str:
        return str(self.prediction_id)
