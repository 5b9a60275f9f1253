"""The chunks of files: the rows of this table are the queue of their workers."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class BatchChunk(models.Model):
    """Some rows of a file, which one worker scores at a time. The rows of this table are the queue."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELED = "canceled"

    UNFINISHED: ClassVar = (Status.QUEUED, Status.RUNNING)

    # No index of its own, because the unique constraint begins with it.
    batch = models.ForeignKey(
        "predictions.Batch", on_delete=models.PROTECT, related_name="chunks", db_index=False
    )
    number = models.PositiveIntegerField()
    first_line = models.PositiveIntegerField()
    # Names in the storage: its rows as uploaded, and what is appended to the file of results.
    source = models.CharField(max_length=200)
    result = models.CharField(max_length=200, blank=True)
    rows = models.PositiveIntegerField()
    valid_rows = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    # The lease: a result is stored only while the row has the worker's claim.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Workers that have died while they had it, by which its rows are suspected.
    interruptions = models.PositiveSmallIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    failed_rows = models.PositiveIntegerField(default=0)
    summary = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_chunk_once"),
            models.CheckConstraint(condition=Q(valid_rows__lte=F("rows")), name="batch_chunk_rows_add_up"),
            models.CheckConstraint(
                condition=Q(status="done", done_rows=F("valid_rows") - F("failed_rows")) & ~Q(result="")
                | Q(status="failed", done_rows=0, failed_rows=F("valid_rows"))
                | Q(status__in=["queued", "running", "canceled"], done_rows=0, failed_rows=0),
                name="batch_chunk_counts_fit_status",
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "number"],
                condition=Q(status__in=["queued", "running"]),
                name="batch_chunk_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.number}"
