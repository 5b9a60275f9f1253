"""Orders of files: upload one, confirm its price, cancel it."""

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
from accounts.models import ApiKey, User
from billing import services as billing
from billing.models import Entry
from predictions import catalog, tasks
from predictions.batches import intake, store, transitions
from predictions.batches.pricing import quote
from predictions.models import Batch, ScoringModel
from predictions.models.batches import MAX_NAME_LENGTH
from predictions.orders.labels import folded_title
from predictions.orders.predictions import NotCancelable, PriceChanged
from predictions.scoring.lines import UnusableFile
from predictions.scoring.sources import is_workbook, open_source

logger = logging.getLogger(__name__)

Status = Batch.Status
# Files of at most this size are checked at once, because it takes no longer than an order.
SMALL_BYTES = 200_000


class TooManyFiles(RetryLater):
    """The user's limit of uploads per minute is reached."""

    code = "too_many_files"


class TooManyOpenFiles(CustomerError):
    """The user has too many files that have not ended."""

    status = 409
    code = "too_many_open_files"


class NotQuoted(CustomerError):
    """The file has no price that could be paid: it is being checked, or it has ended."""

    status = 409
    code = "not_quoted"


class QuoteExpired(CustomerError):
    """The time to confirm the price is over."""

    status = 409
    code = "quote_expired"


class NotDeletable(CustomerError):
    """The file is being worked on."""

    status = 409
    code = "file_in_progress"


class VersionChanged(CustomerError):
    """Another version of the model is on sale than the one that the quote is for."""

    status = 409
    code = "version_changed"


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
        _take_turns(batch.user)
        check_upload(batch.user)
        batch.save(force_insert=True)


def _take_turns(user: User) -> None:
    """Let parallel requests of a user come one after the other, so that together they pass no limit."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def check_upload(user: User) -> None:
    """Raises `TooManyFiles` or `TooManyOpenFiles` if the user may upload no file now."""
    own, now = Batch.objects.of(user), timezone.now()
    if limit := settings.FILES_PER_MINUTE:
        recent = own.filter(created_at__gt=now - timedelta(minutes=1)).order_by("-created_at")
        for at in recent.values_list("created_at", flat=True)[limit - 1 : limit]:
            raise TooManyFiles(int((at + timedelta(minutes=1) - now).total_seconds()) + 1)
    _check_open(user)


def _check_open(user: User) -> None:
    """Raises `TooManyOpenFiles`."""
    if settings.OPEN_FILES and Batch.objects.of(user).open().count() >= settings.OPEN_FILES:
        raise TooManyOpenFiles


def confirm_batch(
    batch: Batch, *, request_key: str = "", agreed_price: int | None = None, api_key: ApiKey | None = None
) -> Batch:
    """Charge the price of the quote once and have the file scored; one that was paid already stays so.

    Raises `InsufficientFunds`, `NotQuoted`, `QuoteExpired`, `PriceChanged`, `VersionChanged`,
    `ModelSwitchedOff`, `ModelUnavailable`, `RequestKeyReused`, and what the limits of `api_key` raise;
    nothing is charged then.
    """
    current = Batch.objects.with_progress().select_related("user").get(pk=batch.pk)
    key = request_key or f"file:{batch.pk}"
    if paid_before := _paid(current, key):
        return paid_before
    _check_quote(current, agreed_price)
    try:
        paid = transitions.pay(current, key, api_key)
    except IntegrityError as error:
        # Of two requests with one key, the other one was faster, or it is about something else.
        if paid_before := _paid(current, key):
            return paid_before
        raise billing.RequestKeyReused from error
    current = Batch.objects.with_progress().get(pk=batch.pk)
    if paid:
        tasks.notify_bulk()
    elif not current.charge_id:
        _check_quote(current, agreed_price)
        raise NotQuoted
    return current


def requote_batch(batch: Batch) -> Batch:
    """Give a file the price and the model version of now, for another `QUOTE_HOURS`.

    Raises `NotQuoted`, `TooManyOpenFiles`, `ModelSwitchedOff`, `ModelUnavailable`, and `VersionChanged` if
    the version of now does not know everything that the rows were checked for.
    """
    current = Batch.objects.with_progress().select_related("user").get(pk=batch.pk)
    if current.status not in (Status.QUOTED, Status.EXPIRED) or current.valid_rows is None:
        raise NotQuoted
    artifact = catalog.artifact_for_sale(current.model)
    if not catalog.supports_rows_of(artifact, current.artifact):
        raise VersionChanged
    offer = quote(current.model, current.valid_rows, reasons=current.reasons)
    with transaction.atomic():
        if current.status == Status.EXPIRED:
            # It is open again.
            _take_turns(current.user)
            _check_open(current.user)
        if not transitions.requote(current, offer, artifact):
            raise NotQuoted
    return Batch.objects.with_progress().get(pk=batch.pk)


def cancel_batch(batch: Batch) -> Batch:
    """Cancel an open file and refund the rows without a result; one that is canceled stays so.

    Raises `NotCancelable`.
    """
    transitions.complete(batch)
    canceled = transitions.cancel(batch)
    current = Batch.objects.with_progress().get(pk=batch.pk)
    if canceled and not current.charge_id:
        # Now and not in a day, so that nobody fills the disk with files that are not paid for.
        store.delete(current.source, *current.chunks.values_list("source", flat=True))
    if current.status != Status.CANCELED:
        raise NotCancelable
    return current


def delete_batch(batch: Batch) -> None:
    """Delete what is in the customer's file and its results now; what is deleted already stays so.

    A quote is canceled first. Batch and ledger stay. Raises `NotDeletable`.
    """
    if batch.status == Status.QUOTED:
        transitions.cancel(batch)
    if not transitions.purge(batch.pk) and not Batch.objects.filter(pk=batch.pk, purged_at__isnull=False):
        raise NotDeletable
    store.delete_all(batch.pk)


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


def _check_quote(batch: Batch, agreed_price: int | None) -> None:
    """Raises what `confirm_batch` raises for a price that cannot be paid."""
    expires = batch.expires_at
    if batch.status == Status.EXPIRED or (
        batch.status == Status.QUOTED and expires and expires <= timezone.now()
    ):
        raise QuoteExpired
    if batch.status != Status.QUOTED or batch.valid_rows is None:
        raise NotQuoted
    if catalog.artifact_for_sale(batch.model) != batch.artifact:
        raise VersionChanged
    now = quote(batch.model, batch.valid_rows, reasons=batch.reasons)
    if now.price != batch.price or agreed_price not in (None, now.price):
        raise PriceChanged(now.price)


def _paid(batch: Batch, key: str) -> Batch | None:
    """Return the batch as it is if it was paid, with this key or another one.

    Raises `RequestKeyReused` if the key has paid for something else, `NotQuoted` if the batch is canceled.
    """
    entry = Entry.objects.filter(wallet__user=batch.user_id, request_key=key).first()
    if entry and entry.pk != batch.charge_id:
        # A parallel request may have paid with it since `batch` was read.
        paid = Batch.objects.with_progress().filter(pk=batch.pk, charge=entry).first()
        if paid is None:
            raise billing.RequestKeyReused
        batch = paid
    if batch.status == Status.CANCELED:
        raise NotQuoted
    return batch if batch.charge_id else None
