"""Audit of the orders: finds predictions whose ledger entries do not match their status."""

from collections.abc import Iterator

from django.db.models import F, Q

from billing.models import Entry
from predictions.models import Prediction, PredictionQuerySet

Status = Prediction.Status


def problems() -> Iterator[str]:
    """Yield one line per fault with the wallet's username."""
    yield from _report(
        Prediction.objects.exclude(charge__kind=Entry.Kind.CHARGE, charge__amount=-F("price")),
        "was not paid by a charge of its price",
    )
    yield from _report(
        Prediction.objects.exclude(charge__wallet__user=F("user")), "was paid from somebody else's wallet"
    )
    refunded = Q(charge__reversal__isnull=False)
    yield from _report(
        Prediction.objects.filter(~refunded, status__in=[Status.FAILED, Status.CANCELED]), "was not refunded"
    )
    # An operator can refund a result, or rerun a refunded prediction free of charge.
    allowed = Q(status=Status.SUCCEEDED, charge__reversal__operator__isnull=False) | Q(
        comped_by__isnull=False
    )
    yield from _report(
        Prediction.objects.filter(refunded, status__in=[*Prediction.PENDING, Status.SUCCEEDED]).exclude(
            allowed
        ),
        "was refunded",
    )
    for charge in Entry.objects.filter(kind=Entry.Kind.CHARGE, prediction=None).select_related(
        "wallet__user"
    ):
        yield f"wallet of {charge.wallet}: charge {charge.public_id} paid for no prediction"


def _report(wrong: PredictionQuerySet, fault: str) -> Iterator[str]:
    for prediction in wrong.select_related("user"):
        yield f"wallet of {prediction.user}: {prediction.status} prediction {prediction.pk} {fault}"
