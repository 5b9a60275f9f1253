"""Predictions and comparisons that customers have bought."""

import math
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Entry
from predictions.models.catalog import ScoringModel
from predictions.models.comparisons import MAX_FOLDED_LENGTH, MAX_LABEL_LENGTH, Comparison
from predictions.models.policies import Decision, policy_of
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.schema import Applicant

if TYPE_CHECKING:
    from predictions.models.outcomes import Outcome

# Stands for results whose outcome is not known, where one can be asked for.
NO_OUTCOME = "none"


_OF_EVERYONE = Q(price__gte=0)


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def of(self, user: User) -> "PredictionQuerySet":
        return self.filter(user=user)

    def of_everyone(self) -> "PredictionQuerySet":
        """With a condition that is always true, for the same reason as that of entries."""
        return self.filter(_OF_EVERYONE)

    def pending(self) -> "PredictionQuerySet":
        """By the condition of the partial index, which SQLite would not use for a filter by status."""
        return self.filter(finished_at__isnull=True)

    def with_status(self, status: str) -> "PredictionQuerySet":
        """A pending one with the condition of the partial index: there are few to be found, if any."""
        rows = self.pending() if status in Prediction.PENDING else self
        return rows.filter(status=status)

    def queued(self) -> "PredictionQuerySet":
        return self.pending().filter(status=Prediction.Status.QUEUED)

    def running(self) -> "PredictionQuerySet":
        return self.pending().filter(status=Prediction.Status.RUNNING)

    def expired(self) -> "PredictionQuerySet":
        """Running ones whose lease has ended, because their worker died or left them."""
        return self.running().filter(claimed_at__lt=timezone.now() - settings.LEASE)

    def to_explain(self) -> "PredictionQuerySet":
        """Results with a requested explanation that is not stored yet, by the partial index's condition."""
        return self.filter(explanation_requested_at__isnull=False, explanation__isnull=True)

    def recent(self, field: str, count: int) -> tuple[int, int]:
        """Look at the newest `count` rows that are younger than a minute by `field`.

        Return how many there are, and in how many seconds the oldest of them will be a minute old. Limits
        that are counted from rows work without the cache.
        """
        minute, now = timedelta(minutes=1), timezone.now()
        rows = self.filter(**{f"{field}__gt": now - minute}).order_by(f"-{field}")[:count]
        found = rows.aggregate(number=Count(field), oldest=Min(field))
        left = found["oldest"] + minute - now if found["number"] else minute
        return found["number"], max(1, math.ceil(left.total_seconds()))

    def without_result(self) -> "PredictionQuerySet":
        """Failed or canceled, by the condition of their partial index."""
        return self.filter(finished_at__isnull=False, approval_probability__isnull=True)

    def with_outcome(self, name: str) -> "PredictionQuerySet":
        """By what was reported; `NO_OUTCOME` for results of which nothing is."""
        if name != NO_OUTCOME:
            return self.filter(outcome__result=name)
        # Not by a join, for which PostgreSQL would read the outcomes of everyone.
        known = self.model.objects.filter(pk=OuterRef("pk"), outcome__result__gt="")
        return self.filter(~Exists(known), approval_probability__isnull=False)

    def with_links(self) -> "PredictionQuerySet":
        """With all relations that lists and API responses show, in one query."""
        return self.select_related("model", "charge", "charge__reversal", "outcome").defer("explanation")


class Prediction(models.Model):
    """One paid order and its result. Only `jobs.transitions` ends it, by conditional UPDATEs."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("In progress")
        SUCCEEDED = "succeeded", _("Completed")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    class Failure(models.TextChoices):
        SCORING = "scoring_failed", _("The model could not process this application.")
        MODEL = "model_unavailable", _("The model was unavailable.")
        ATTEMPTS = "attempts_exhausted", _("The calculation was interrupted too many times.")
        DEADLINE = "deadline_passed", _("The result was not ready in time.")

    PENDING: ClassVar = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # User and model have no index of their own, because others begin with them.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="predictions", db_index=False
    )
    model = models.ForeignKey(
        ScoringModel, on_delete=models.PROTECT, related_name="predictions", db_index=False
    )
    model_version = models.CharField(_("model version"), max_length=50)
    artifact_sha256 = models.CharField(_("artifact, SHA-256"), max_length=64)
    comparison = models.ForeignKey(
        Comparison, on_delete=models.PROTECT, null=True, blank=True, related_name="predictions"
    )
    price = models.PositiveIntegerField(_("price, minor units"))
    charge = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="prediction")
    applicant = models.JSONField(_("applicant"))
    # The customer's own label, always written with its folded copy for the search: see `orders.labels`.
    label = models.CharField(_("label"), max_length=MAX_LABEL_LENGTH, blank=True)
    label_folded = models.CharField(max_length=MAX_FOLDED_LENGTH, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.QUEUED)
    approval_probability = models.FloatField(_("probability of approval"), null=True, blank=True)
    # Written once, after the result and on request: see `results.explanations`.
    explanation = models.JSONField(_("explanation"), null=True, blank=True, editable=False)
    explanation_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The lease of the explainer, and how many attempts began since one ended.
    explanation_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    explanation_attempts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # What-if answers given, which `results.what_if` limits.
    what_if_used = models.PositiveIntegerField(default=0, editable=False)
    failure = models.CharField(_("reason for failure"), max_length=20, choices=Failure, blank=True)
    # The operator who had a failed prediction scored again free of charge; it stays refunded.
    comped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The lease: the last claim of the row, and its time. The claim of a stale worker matches no row.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    scoring_ms = models.FloatField(_("scoring time, ms"), null=True, blank=True)
    created_at = models.DateTimeField(_("ordered"), auto_now_add=True)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: ClassVar[PredictionQuerySet] = cast(PredictionQuerySet, PredictionQuerySet.as_manager())

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="succeeded", approval_probability__gte=0, approval_probability__lte=1)
                | (~Q(status="succeeded") & Q(approval_probability__isnull=True)),
                name="prediction_succeeded_has_probability",
            ),
            models.CheckConstraint(
                condition=Q(status="failed") ^ Q(failure=""), name="prediction_failed_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"]) ^ Q(finished_at__isnull=False),
                name="prediction_ended_has_time",
            ),
        ]
        indexes = [
            # The history's two sort orders, each with all columns that its filters use, so that only the
            # rows that are shown are read.
            models.Index(
                fields=[
                    "user",
                    "-created_at",
                    "-id",
                    "status",
                    "model",
                    "comparison",
                    "approval_probability",
                    "label_folded",
                ],
                name="prediction_by_time",
            ),
            models.Index(
                fields=[
                    "user",
                    "-approval_probability",
                    "-id",
                    "model",
                    "comparison",
                    "created_at",
                    "label_folded",
                ],
                condition=Q(approval_probability__isnull=False),
                name="prediction_by_approval",
            ),
            # A customer's pending predictions, which pages poll every second.
            models.Index(
                fields=["user", "-created_at", "-id"],
                condition=Q(finished_at__isnull=True),
                name="prediction_pending_of_user",
            ),
            models.Index(
                fields=["queued_at"], condition=Q(finished_at__isnull=True), name="prediction_pending"
            ),
            models.Index(
                fields=["claimed_at"],
                condition=Q(finished_at__isnull=True, claimed_at__isnull=False),
                name="prediction_leased",
            ),
            # The explainer takes the users in turn, and of each the oldest request.
            models.Index(
                fields=["user", "explanation_requested_at"],
                condition=Q(explanation_requested_at__isnull=False, explanation__isnull=True),
                name="prediction_to_explain",
            ),
            # For the limit of requests per minute.
            models.Index(
                fields=["user", "-explanation_requested_at"],
                condition=Q(explanation_requested_at__isnull=False),
                name="prediction_by_request",
            ),
            # The admin's list and its filters (see `of_everyone`); the audit reads what has no result.
            models.Index(fields=["-created_at", "-id"], condition=_OF_EVERYONE, name="prediction_newest"),
            models.Index(
                fields=["model", "-created_at", "-id"], condition=_OF_EVERYONE, name="prediction_of_model"
            ),
            models.Index(
                fields=["-created_at", "-id", "status"],
                condition=_OF_EVERYONE & Q(finished_at__isnull=True),
                name="prediction_newest_pending",
            ),
            models.Index(
                fields=["-created_at", "-id", "status", "failure"],
                condition=Q(finished_at__isnull=False, approval_probability__isnull=True),
                name="prediction_without_result",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def default_probability(self) -> float | None:
        return None if self.approval_probability is None else 1 - self.approval_probability

    @property
    def decision(self) -> Decision | None:
        """What the customer's policy says now; None without a result or a policy.

        Whoever lists rows sets their `user`, so that the policy is read once.
        """
        if self.approval_probability is None:
            return None
        policy = policy_of(self.user)
        return policy.decide(self.approval_probability) if policy else None

    @property
    def is_pending(self) -> bool:
        return self.status in self.PENDING

    @property
    def is_refunded(self) -> bool:
        if self.is_pending and self.comped_by_id is None:
            return False  # Only what has ended is refunded.
        return hasattr(self.charge, "reversal")

    @property
    def reported(self) -> "Outcome | None":
        """What became of the loan; None if nothing was reported, or it was withdrawn."""
        if self.approval_probability is None:
            return None  # Without asking the database: nothing becomes of what has no result.
        outcome: Outcome | None = getattr(self, "outcome", None)
        return outcome if outcome and outcome.result else None

    @property
    def artifact(self) -> ArtifactRef:
        """The version that was sold, which may differ from the current one."""
        return ArtifactRef(self.model.slug, self.model_version, self.artifact_sha256)

    @property
    def facts(self) -> Applicant:
        return cast(Applicant, self.applicant)
