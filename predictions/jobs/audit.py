"""Audit of the ledger and the orders: finds predictions and files whose entries do not match their status."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from billing import audit as ledger
from billing.models import Entry
from predictions.batches import audit as files
from predictions.models import Batch, Prediction, PredictionQuerySet
from predictions.triggers import HISTORIES

Status = Prediction.Status


def problems(*, full: bool = False, progress: Callable[[int], object] | None = None) -> Iterator[str]:
    """Yield one line per fault with the wallet's username.

    Reads what has changed since the last audit, or with `full` everything. Tells `progress` how many wallets
    it has read.
    """
    for guard, history in HISTORIES.items():
        for name in guard.missing(connection):
            yield f"database: the trigger {name} that guards {history} is missing"
    unguarded = ledger.missing_triggers()
    yield from unguarded
    if full or unguarded:
        ledger.forget_proofs()
    read = 0
    for part in ledger.unproven_parts():
        faults = [*part.problems(), *_payments(part.entries)]
        yield from faults
        if not faults and not unguarded:
            part.prove()
        read += len(part.wallets)
        if progress:
            progress(read)
    # Pending predictions can have changed since their charge was proven.
    pending = Prediction.objects.pending().values("charge")
    yield from _payments(Entry.objects.filter(pk__in=pending, pk__lte=F("wallet__proof__last_entry")))
    yield from _refunds()
    yield from files.problems()


def _payments(entries: QuerySet[Entry]) -> Iterator[str]:
    """Each charge has paid for one prediction or file of its amount and its wallet's user, no other has.

    A refund of a prediction is that of its whole price.
    """
    price, user, charge = -F("amount"), F("wallet__user"), Entry.Kind.CHARGE
    right = (
        Q(kind=charge, batch=None, prediction__price=price, prediction__user=user)
        | Q(kind=charge, prediction=None, batch__price=price, batch__user=user)
        | Q(~Q(kind=charge), prediction=None, batch=None)
    )
    for entry in entries.exclude(right).select_related("wallet__user", "prediction__user", "batch__user"):
        yield from _wrong_payment(entry)
    in_part = entries.filter(kind=Entry.Kind.REFUND, reverses__prediction__isnull=False)
    wrong = in_part.exclude(amount=-F("reverses__amount")).values("reverses")
    for prediction in Prediction.objects.filter(charge__in=wrong).select_related("user"):
        yield _fault(prediction, "was not refunded by its price")


def _wrong_payment(entry: Entry) -> Iterator[str]:
    sold = getattr(entry, "prediction", None) or getattr(entry, "batch", None)
    if sold is None:
        yield f"wallet of {entry.wallet}: charge {entry.public_id} paid for no prediction and no file"
        return
    if hasattr(entry, "prediction") and hasattr(entry, "batch"):
        yield _fault(sold, "and a file were paid by one charge")
    if (entry.kind, entry.amount) != (Entry.Kind.CHARGE, -sold.price):
        yield _fault(sold, "was not paid by a charge of its price")
    if sold.user_id != entry.wallet.user_id:
        yield _fault(sold, "was paid from somebody else's wallet")


def _refunds() -> Iterator[str]:
    """What ended without a result is refunded, and nothing else but what operators refund or rerun."""
    refund = Entry.objects.filter(reverses=OuterRef("charge"))
    yield from _faults(Prediction.objects.without_result().filter(~Exists(refund)), "was not refunded")
    charged = Prediction.objects.filter(comped_by=None)
    refunds = Entry.objects.filter(kind=Entry.Kind.REFUND).values("reverses")
    yield from _faults(charged.pending().filter(charge__in=refunds), "was refunded")
    results = charged.filter(status=Status.SUCCEEDED, charge__in=refunds.filter(operator=None))
    yield from _faults(results, "was refunded")


def _faults(wrong: PredictionQuerySet, fault: str) -> Iterator[str]:
    return (_fault(prediction, fault) for prediction in wrong.select_related("user"))


def _fault(sold: Prediction | Batch, fault: str) -> str:
    kind = "file" if isinstance(sold, Batch) else "prediction"
    return f"wallet of {sold.user}: {sold.status} {kind} {sold.pk} {fault}"
