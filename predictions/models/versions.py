"""Which version of a model is on sale, since when, and what is known of each version."""

from datetime import datetime
from typing import ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from predictions.models.catalog import ScoringModel
from predictions.scoring.artifacts import ArtifactRef

MAX_REASON_LENGTH = 500
MAX_PROBLEM_LENGTH = 1000


class SalePeriodQuerySet(models.QuerySet["SalePeriod"]):
    def at(self, moment: datetime) -> "SalePeriodQuerySet":
        """The period of a model that `moment` is in comes first; none if it was not on sale yet."""
        return self.filter(since__lte=moment).order_by("-since")


class SalePeriod(models.Model):
    """A version of a model on sale from `since` on, until the next period of the model begins.

    Only beginnings are stored, so periods have no gaps and never overlap. `current_of` marks the last one: it
    is unique, and read together with the model. Only `lifecycle.sales` writes here.
    """

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="periods")
    # 1, 2, 3 and so on for each model. Of two changes of what is on sale now, one gets the next number.
    number = models.PositiveIntegerField(_("number"))
    current_of = models.OneToOneField(
        ScoringModel, on_delete=models.PROTECT, null=True, editable=False, related_name="on_sale"
    )
    version = models.CharField(_("version"), max_length=50)
    artifact_sha256 = models.CharField(_("artifact, SHA-256"), max_length=64)
    since = models.DateTimeField(_("on sale since"))
    # Empty for the first period, which nobody has chosen.
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH, blank=True)

    objects: ClassVar[SalePeriodQuerySet] = cast(SalePeriodQuerySet, SalePeriodQuerySet.as_manager())

    class Meta:
        verbose_name = _("period on sale")
        verbose_name_plural = _("periods on sale")
        permissions = [("promote_version", _("Can put versions of models on sale"))]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="sale_period_number_once"),
            models.UniqueConstraint(fields=["model", "since"], name="sale_period_begins_once"),
            models.CheckConstraint(
                condition=Q(current_of__isnull=True) | Q(current_of=F("model")),
                name="sale_period_of_its_model",
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def ref(self) -> ArtifactRef:
        return ArtifactRef(self.model.slug, self.version, self.artifact_sha256)


class VersionCheck(models.Model):
    """What came out when a version was last asked for its golden scores; `problem` is "" if it gave them."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="checks")
    version = models.CharField(_("version"), max_length=50)
    # Of all files of the version and the libraries that read them: see `lifecycle.checks`.
    fingerprint = models.CharField(max_length=64)
    problem = models.CharField(_("problem"), max_length=MAX_PROBLEM_LENGTH, blank=True)
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("check of a version")
        verbose_name_plural = _("checks of versions")
        constraints = [models.UniqueConstraint(fields=["model", "version"], name="version_check_once")]

    def __str__(self) -> str:
        return self.version
