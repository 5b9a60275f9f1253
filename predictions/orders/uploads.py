"""Uploads of files: what is not paid for yet, and how many a user may have."""

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import CustomerError, RetryLater
from accounts.models import User
from billing import services as billing
from predictions import catalog, tasks
from predictions.batches import intake, store
from predictions.models import Batch, ScoringModel
from predictions.models.batches import MAX_NAME_LENGTH
from predictions.orders.labels import folded_title
from predictions.scoring.lines import UnusableFile
from predictions.scoring.sources import is_workbook, open_source

logger = logging.getLogger(__name__)

# Files of at most this size are checked at once, because it takes no longer than an order.
SMALL_BYTES = 200_000


class TooManyFiles(RetryLater):
    """The user's limit of uploads per minute is reached."""

    code = "too_many_files"


class TooManyOpenFiles(CustomerError):
    """The user has too many files that have not ended."""

    status = 409
    code = "too_many_open_files"


def upload_batch(
    *,
    user: User,
    model: ScoringModel,
    file: TemporaryUploadedFile,
    label: str = "",
    reasons: bool = False,
    recompute: bool = False,
    upload_key: str = "",
    fingerprint: str = "",
) -> Batch:
    """Store the file and have it checked; nothing is charged. A small one is quoted when this returns.

    `label` must be validated (`orders.labels`). An `upload_key` makes one batch, however often it is sent;
    `fingerprint` is what else the request says. Raises `ValidationError` if the beginning of the file shows
    that it cannot be used, `TooManyFiles`, `TooManyOpenFiles`, `ModelSwitchedOff`, `ModelUnavailable`,
    `StorageFull`, `RequestKeyReused`.
    """
    if earlier := uploaded_before(user, upload_key, fingerprint):
        return earlier
    check_upload(user)
    artifact = catalog.artifact_for_sale(model)
    if getattr(file, "is_cut", False):
        raise store.StorageFull
    _check_beginning(file)
    name = shown_name(file.name or "")
    batch = Batch(
        user=user,
        model=model,
        model_version=artifact.version,
        artifact_sha256=artifact.sha256,
        label=label,
        file_name=name,
        title_folded=folded_title(label, name),
        reasons=reasons,
        recompute=recompute,
        size=int(file.size or 0),
        language=get_language() or "",
        upload_key=upload_key,
        upload_fingerprint=fingerprint,
    )
    batch.source = store.save(batch.pk, "source", file)
    try:
        _create(batch)
    except (IntegrityError, CustomerError):
        store.delete_all(batch.pk)
        # A parallel request with the key may have been faster.
        if earlier := uploaded_before(user, upload_key, fingerprint):
            return earlier
        raise
    if batch.size <= SMALL_BYTES:
        _validate_now(batch)
    else:
        tasks.notify_bulk()
    return Batch.objects.with_progress().get(pk=batch.pk)


def uploaded_before(user: User, upload_key: str, fingerprint: str = "") -> Batch | None:
    """Return the batch that this key has made. Raises `RequestKeyReused` if that was another upload."""
    if not upload_key:
        return None
    batch = Batch.objects.of(user).with_progress().filter(upload_key=upload_key).first()
    if batch and batch.upload_fingerprint != fingerprint:
        raise billing.RequestKeyReused
    return batch


def _create(batch: Batch) -> None:
    """Insert the row. Raises what `check_upload` raises, and `IntegrityError` if its key was used before."""
    with transaction.atomic():
        take_turns(batch.user)
        check_upload(batch.user)
        batch.save(force_insert=True)


def take_turns(user: User) -> None:
    """Let parallel requests of a user come one after the other, so that together they pass no limit."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def check_upload(user: User) -> None:
    """Raises `TooManyFiles` or `TooManyOpenFiles` if the user may upload no file now."""
    own, now = Batch.objects.of(user), timezone.now()
    if limit := settings.FILES_PER_MINUTE:
        recent = own.filter(created_at__gt=now - timedelta(minutes=1)).order_by("-created_at")
        for at in recent.values_list("created_at", flat=True)[limit - 1 : limit]:
            raise TooManyFiles(int((at + timedelta(minutes=1) - now).total_seconds()) + 1)
    check_open(user)


def check_open(user: User) -> None:
    """Raises `TooManyOpenFiles`."""
    if settings.OPEN_FILES and Batch.objects.of(user).open().count() >= settings.OPEN_FILES:
        raise TooManyOpenFiles


def shown_name(name: str) -> str:
    """Return the name of a file as it is shown, shortened and without control characters."""
    return "".join(character for character in Path(name).name if character.isprintable())[:MAX_NAME_LENGTH]


def _check_beginning(file: TemporaryUploadedFile) -> None:
    """Raises `ValidationError` for a file that is not a table of applicants."""
    if not file.size:
        raise ValidationError({"file": ValidationError(_("The file is empty."), "empty")})
    if file.size > intake.MAX_BYTES:
        raise ValidationError({"file": ValidationError(_("The file is larger than 200 MB."), "too_large")})
    try:
        with Path(file.temporary_file_path()).open("rb") as content:
            if file.size > SMALL_BYTES and is_workbook(content):
                return  # Unpacking it takes a worker seconds, and would take the web server as many.
            # Kept until the file is closed: it would close the file itself, with a warning.
            _source = open_source(content, intake.RESERVED)
    except UnusableFile as error:
        text = intake.unusable_text(intake.message_of(error))
        raise ValidationError({"file": ValidationError(text, "unusable_file")}) from error


def _validate_now(batch: Batch) -> None:
    """Check a small file in this request; if that fails, workers try again."""
    if claimed := intake.claim(batch.pk):
        try:
            intake.validate(claimed)
        except Exception:
            logger.exception("file %s is checked later", batch.pk)
