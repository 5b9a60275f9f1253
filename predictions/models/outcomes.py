"""What became of the loans: one outcome for each prediction, and for each row of a file."""

from typing import ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from predictions.models.batches import Batch
from predictions.models.catalog import ScoringModel
from predictions.models.predictions import Prediction

MAX_RESULT_LENGTH = 9


class Result(models.TextChoices):
    """`refused`: the customer granted no loan, so nobody knows whether it would have been repaid."""

    REPAID = "repaid", _("Repaid")
    DEFAULTED = "defaulted", _("Defaulted")
    REFUSED = "refused", _("No loan granted")


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def of(self, user: User) -> "OutcomeQuerySet":
        return self.filter(user=user)

    def reported(self) -> "OutcomeQuerySet":
        """Without those that were withdrawn."""
        return self.exclude(result="")


class Outcome(models.Model):
    """What became of one loan. Only `outcomes.services` writes it.

    It repeats what was sold, so that a backtest reads one table, and goes on when the files of a batch are
    deleted. `result` is "" for one that was withdrawn.
    """

    # No indexes of their own, because others begin with them.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, db_index=False)
    model_version = models.CharField(_("model version"), max_length=50)
    prediction = models.OneToOneField(
        Prediction, on_delete=models.PROTECT, null=True, blank=True, related_name="outcome"
    )
    # A row of a file, by the line in which it begins.
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    line = models.PositiveIntegerField(_("line"), null=True, blank=True)
    approval_probability = models.FloatField(_("probability of approval"))
    ordered_on = models.DateField(_("ordered"))
    result = models.CharField(_("outcome"), max_length=MAX_RESULT_LENGTH, choices=Result, blank=True)
    observed_on = models.DateField(_("observed"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects: ClassVar[OutcomeQuerySet] = cast(OutcomeQuerySet, OutcomeQuerySet.as_manager())

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="outcome_of_row_once"),
            models.CheckConstraint(
                condition=Q(prediction__isnull=False, batch__isnull=True, line__isnull=True)
                | Q(prediction__isnull=True, batch__isnull=False, line__isnull=False),
                name="outcome_is_of_a_prediction_or_a_row",
            ),
            models.CheckConstraint(
                condition=Q(result="", observed_on__isnull=True)
                | Q(result__in=Result.values, observed_on__isnull=False, observed_on__gte=F("ordered_on")),
                name="outcome_observed_after_the_order",
            ),
            models.CheckConstraint(
                condition=Q(approval_probability__gte=0, approval_probability__lte=1),
                name="outcome_probability_is_one",
            ),
        ]
        indexes = [
            # All that a backtest reads; it reads no table.
            models.Index(
                fields=["model", "model_version", "result", "ordered_on", "approval_probability"],
                name="outcome_of_version",
            ),
            models.Index(
                fields=["user", "model", "model_version", "result", "ordered_on", "approval_probability"],
                name="outcome_of_customer",
            ),
            # The admin's list.
            models.Index(fields=["-reported_at", "-id"], name="outcome_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.prediction_id}" if self.prediction_id else f"{self.batch_id}: {self.line}"


class FormerOutcome(models.Model):
    """What was reported before, by whom and when. The next report tells when it ended."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="former")
    result = models.CharField(_("outcome"), max_length=MAX_RESULT_LENGTH, choices=Result, blank=True)
    observed_on = models.DateField(_("observed"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("former outcome")
        verbose_name_plural = _("former outcomes")

    def __str__(self) -> str:
        return f"{self.outcome_id}: {self.result}"
