"""Files of applicants that customers have uploaded."""

import uuid
from typing import Any, ClassVar, TypeAlias, cast

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Entry
from predictions.models.batch_states import BatchFailure, BatchStatus
from predictions.models.catalog import ScoringModel
from predictions.models.chunks import BatchChunk
from predictions.models.comparisons import MAX_FOLDED_LENGTH, MAX_LABEL_LENGTH
from predictions.models.policies import DecisionPolicy
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.tables import Shape

MAX_NAME_LENGTH = 200


_OF_EVERYONE = Q(size__gte=0)


class BatchQuerySet(models.QuerySet["Batch"]):
    def of_everyone(self) -> "BatchQuerySet":
        """With a condition that is always true, for the same reason as that of entries."""
        return self.filter(_OF_EVERYONE)

    def of(self, user: User) -> "BatchQuerySet":
        return self.filter(user=user)

    def open(self) -> "BatchQuerySet":
        """By the condition of the partial index."""
        return self.filter(finished_at__isnull=True)

    def with_status(self, status: str) -> "BatchQuerySet":
        """An open one with the condition of the partial index: a customer has few of them."""
        rows = self.open() if status in Batch.OPEN else self
        return rows.filter(status=status)

    def validating(self) -> "BatchQuerySet":
        return self.open().filter(status=Batch.Status.VALIDATING)

    def paid(self) -> "BatchQuerySet":
        """Those whose chunks are scored."""
        return self.open().filter(status__in=Batch.PAID)

    def with_progress(self) -> "BatchQuerySet":
        """With the sums of the chunks, and all relations that lists and API responses show."""
        chunks = BatchChunk.objects.filter(batch=OuterRef("pk")).order_by().values("batch")

        def total(column: str) -> Coalesce:
            return Coalesce(Subquery(chunks.annotate(sum=Sum(column)).values("sum")), 0)

        links = self.select_related("model", "charge", "charge__reversal")
        return links.annotate(chunks_done=total("done_rows"), chunks_failed=total("failed_rows"))


class Batch(models.Model):
    """One file: checked, quoted, paid once, scored in chunks. Only `batches.transitions` changes its status.

    `valid_rows` are those that can be scored and are paid for, each at `unit_price`. In the end every one of
    them has a result or is refunded: the refund is `unit_price` times the rows without a result.
    """

    Status: TypeAlias = BatchStatus
    Failure: TypeAlias = BatchFailure

    PAID: ClassVar = (Status.QUEUED, Status.RUNNING)
    OPEN: ClassVar = (Status.VALIDATING, Status.QUOTED, *PAID)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches", db_index=False
    )
    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="batches")
    model_version = models.CharField(_("model version"), max_length=50)
    artifact_sha256 = models.CharField(_("artifact, SHA-256"), max_length=64)
    label = models.CharField(_("label"), max_length=MAX_LABEL_LENGTH, blank=True)
    # What the customer's file was called.
    file_name = models.CharField(_("file"), max_length=MAX_NAME_LENGTH, blank=True)
    # Of both, for the search: see `orders.labels`.
    title_folded = models.CharField(max_length=MAX_FOLDED_LENGTH, blank=True, editable=False)
    reasons = models.BooleanField(_("reason codes"), default=False)
    # What the upload was sent with, so that a repeated one makes no second batch: see `orders.uploads`.
    upload_key = models.CharField(max_length=300, blank=True, editable=False)
    upload_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    # In which the results say what is wrong with rows: that of the upload.
    language = models.CharField(max_length=10, blank=True, editable=False)
    # The customer's decision policy at the moment of payment, by which the results are decided on.
    approve_from = models.FloatField(null=True, blank=True, editable=False)
    decline_below = models.FloatField(null=True, blank=True, editable=False)
    # Score rows whose share of income contradicts amount and income, by amount and income.
    recompute = models.BooleanField(default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.VALIDATING)
    failure = models.CharField(_("reason for failure"), max_length=20, choices=Failure, blank=True)
    # What is wrong with the file: an English message id and its parameters.
    failure_message = models.JSONField(null=True, blank=True, editable=False)
    size = models.PositiveIntegerField(_("size, bytes"))
    # Names in the storage; "" when there is no such file.
    source = models.CharField(max_length=200, blank=True, editable=False)
    errors = models.CharField(max_length=200, blank=True, editable=False)
    # The table's header and delimiter, its first rows and first errors, and what came out.
    shape = models.JSONField(null=True, blank=True, editable=False)
    preview = models.JSONField(null=True, blank=True, editable=False)
    summary = models.JSONField(null=True, blank=True, editable=False)
    # Known when the file has been checked.
    rows = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    valid_rows = models.PositiveIntegerField(_("rows that can be scored"), null=True, blank=True)
    warned_rows = models.PositiveIntegerField(default=0)
    # Counted when it ends; until then the chunks have the numbers.
    done_rows = models.PositiveIntegerField(_("rows scored"), default=0)
    failed_rows = models.PositiveIntegerField(_("rows failed"), default=0)
    discount_percent = models.PositiveSmallIntegerField(_("discount, percent"), default=0)
    unit_price = models.PositiveBigIntegerField(_("price of a row, minor units"), null=True, blank=True)
    price = models.BigIntegerField(_("price, minor units"), null=True, blank=True)
    charge = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="batch"
    )
    # The operator who has had a failed one, which stays refunded, scored again at the service's cost.
    comped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("comped by"),
    )
    # The lease of the process that checks the file.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Workers that have died while they scored a part of it.
    interruptions = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    quoted_at = models.DateTimeField(_("quoted"), null=True, blank=True)
    expires_at = models.DateTimeField(_("quote valid until"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # From then on there are no files and no chunks.
    purged_at = models.DateTimeField(_("files deleted"), null=True, blank=True)

    objects: ClassVar[BatchQuerySet] = cast(BatchQuerySet, BatchQuerySet.as_manager())

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "upload_key"], condition=~Q(upload_key=""), name="batch_upload_key_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["validating", "quoted", "queued", "running"])
                ^ Q(finished_at__isnull=False),
                name="batch_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="failed") ^ Q(failure=""), name="batch_failed_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "completed"], charge__isnull=False)
                | Q(status__in=["validating", "quoted", "expired"], charge__isnull=True)
                | Q(status__in=["failed", "canceled"]),
                name="batch_scored_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["validating", "failed", "canceled"], price__isnull=True)
                | Q(price=F("unit_price") * F("valid_rows"), unit_price__gt=0, valid_rows__gt=0),
                name="batch_price_is_that_of_its_rows",
            ),
            models.CheckConstraint(
                condition=Q(charge__isnull=True) | Q(price__isnull=False), name="batch_paid_has_price"
            ),
            models.CheckConstraint(
                condition=Q(valid_rows__isnull=True, done_rows=0, failed_rows=0)
                | Q(valid_rows__lte=F("rows"), valid_rows__gte=F("done_rows") + F("failed_rows")),
                name="batch_rows_add_up",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(done_rows__gt=0), name="batch_completed_has_results"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="batch_by_time"),
            models.Index(
                fields=["status", "created_at"], condition=Q(finished_at__isnull=True), name="batch_open"
            ),
            # What `batches.cleaning` deletes the files of.
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False, purged_at__isnull=True),
                name="batch_to_purge",
            ),
            # The admin's list: see `of_everyone`.
            models.Index(fields=["-created_at", "-id"], condition=_OF_EVERYONE, name="batch_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def title(self) -> str:
        """What the customer calls it: the label, else the name of the file."""
        return self.label or self.file_name

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_deletable(self) -> bool:
        """Whether its customer may delete what is in it: it has ended, or has not been paid yet."""
        return self.purged_at is None and (not self.is_open or self.status == self.Status.QUOTED)

    @property
    def is_pending(self) -> bool:
        """Whether the service is working on it, so that its page changes by itself."""
        return self.status in (self.Status.VALIDATING, *self.PAID)

    @property
    def done(self) -> int:
        """Rows with a result until now; of an open one it needs `with_progress`."""
        return self.done_rows if self.finished_at else int(getattr(self, "chunks_done", 0))

    @property
    def failed(self) -> int:
        return self.failed_rows if self.finished_at else int(getattr(self, "chunks_failed", 0))

    @property
    def bad_rows(self) -> int:
        return (self.rows or 0) - (self.valid_rows or 0)

    @property
    def has_results(self) -> bool:
        """Whether there is a file of results to download."""
        ended = self.status in (self.Status.COMPLETED, self.Status.CANCELED)
        return ended and self.done_rows > 0 and self.purged_at is None

    @property
    def has_errors(self) -> bool:
        return bool(self.errors) and self.purged_at is None

    @property
    def due_refund(self) -> int:
        """What is refunded when it ends now, in minor units: the price of the rows without a result.

        Nothing of one that is scored again after its refund.
        """
        if self.charge_id is None or self.unit_price is None or self.valid_rows is None or self.comped_by_id:
            return 0
        return self.unit_price * (self.valid_rows - self.done)

    @property
    def refunded(self) -> int:
        """What has been refunded, in minor units."""
        reversal = getattr(self.charge, "reversal", None) if self.charge_id else None
        return reversal.amount if reversal else 0

    @property
    def policy(self) -> DecisionPolicy | None:
        """The policy that the results follow; None without one."""
        if self.approve_from is None or self.decline_below is None:
            return None
        return DecisionPolicy(approve_from=self.approve_from, decline_below=self.decline_below)

    @property
    def artifact(self) -> ArtifactRef:
        """The version that is sold, which may differ from the current one."""
        return ArtifactRef(self.model.slug, self.model_version, self.artifact_sha256)

    @property
    def table(self) -> Shape:
        """The table's header and delimiter. Only of a file that was checked."""
        return Shape.from_dict(self.shape or {})

    @property
    def content(self) -> dict[str, Any]:
        """The summary of the results; {} before there is one."""
        return cast(dict[str, Any], self.summary or {})

    @property
    def decisions(self) -> dict[str, int] | None:
        """How many results get each decision by `policy`; None before the end, and if it was not counted."""
        return self.content.get("decisions")
