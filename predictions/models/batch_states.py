"""The states of a file, and why one has failed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchStatus(models.TextChoices):
    VALIDATING = "validating", _("Checking")
    QUOTED = "quoted", _("Waiting for confirmation")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("In progress")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")
    EXPIRED = "expired", _("Quote expired")


class BatchFailure(models.TextChoices):
    UNUSABLE = "unusable_file", _("The file cannot be read.")
    TOO_MANY_ROWS = "too_many_rows", _("The file has too many rows.")
    NO_VALID_ROWS = "no_valid_rows", _("No row of the file can be scored.")
    INTERRUPTED = "attempts_exhausted", _("Checking the file was interrupted too many times.")
    MODEL = "model_unavailable", _("The model was unavailable.")
    SCORING = "scoring_failed", _("No row could be scored.")
