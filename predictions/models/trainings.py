"""Trainings of new versions that operators have asked for: the rows are the queue."""

import uuid
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from predictions.models.versions import MAX_REASON_LENGTH


class TrainingRun(models.Model):
    """A file of loans with outcomes, and what was trained on it. Only `lifecycle.trainings` writes here.

    `found` and `refusal` are `scoring.data_texts.Found`, `versions` the version of each model by its slug.
    `claimed_until` is renewed while the training runs; what is past belongs to a process that has died.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        COMPLETED = "completed", _("Completed")
        REFUSED = "refused", _("Data refused")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    class Effort(models.TextChoices):
        FULL = "full", _("Full: some minutes, for versions that are sold")
        QUICK = "quick", _("Quick: seconds, small models to try out how it is done")

    class Problem(models.TextChoices):
        DIED = "died", _("The process that trained has ended, killed or with its machine. Train again.")
        CRASHED = "crashed", _("The training has ended with an error, which is in the log of the trainer.")
        TOO_LONG = "too_long", _("The training took too long and was ended.")
        FILE_AWAY = "file_away", _("The file is not there any more. Upload it again.")
        NOT_INSTALLED = (
            "not_installed",
            _("Packages that training needs are missing: pandas, scikit-learn, scipy or threadpoolctl."),
        )

    OPEN = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH)
    slugs: "models.JSONField[list[str], list[str]]" = models.JSONField(_("models"), default=list)
    effort = models.CharField(_("effort"), max_length=10, choices=Effort.choices, default=Effort.FULL)
    # Of the orders; 0: no new version becomes a challenger.
    share_percent = models.PositiveSmallIntegerField(
        _("share of orders, percent"), default=0, validators=[MaxValueValidator(100)]
    )
    data_sha256 = models.CharField(_("SHA-256 of the data"), max_length=64)
    data_bytes = models.PositiveBigIntegerField(_("size of the data, bytes"))
    begun_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress, percent"), default=0)
    step: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    found: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    refusal: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    problem = models.CharField(_("problem"), max_length=20, choices=Problem.choices, blank=True)
    versions: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    challengers: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)

    class Meta:
        verbose_name = _("training")
        verbose_name_plural = _("trainings")
        ordering = ["-created_at", "-pk"]
        permissions = [("train_version", _("Can train new versions of models"))]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="one_training_at_a_time"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="training_progress_percent"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, status__in=["queued", "running"])
                | Q(ended_at__isnull=False, status__in=["completed", "refused", "failed", "canceled"]),
                name="training_ended_with_its_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN
