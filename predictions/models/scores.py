"""What the rows of files were told, without what was told about them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class RowScores(models.Model):
    """The results of one chunk of a file, for outcomes that are reported when its files are deleted.

    Arrays as bytes, see `batches.scores`: no applicant, and of the customer's own columns nothing but a
    digest of each row's reference. Kept for `SCORES_RETENTION`.
    """

    # No index of its own, because the unique constraint begins with it.
    batch = models.ForeignKey(
        "predictions.Batch", on_delete=models.PROTECT, related_name="scores", db_index=False
    )
    number = models.PositiveIntegerField()
    lines = models.BinaryField()
    probabilities = models.BinaryField()
    references = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "number"], name="row_scores_of_chunk_once")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="row_scores_by_age")]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.number}"
