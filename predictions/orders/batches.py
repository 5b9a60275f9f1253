"""Orders of files: confirm the price of one, cancel it, delete what is in it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import CustomerError
from accounts.models import ApiKey
from billing import services as billing
from billing.models import Entry
from predictions import catalog, tasks
from predictions.batches import store, transitions
from predictions.batches.pricing import quote
from predictions.models import Batch
from predictions.orders.predictions import NotCancelable, PriceChanged
from predictions.orders.uploads import check_open, take_turns

Status = Batch.Status


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
            take_turns(current.user)
            check_open(current.user)
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
