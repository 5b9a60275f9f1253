"""Selling a prediction: charge, record and bell; pages, API and admin all come here."""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from billing import services as billing
from billing.models import Entry
from predictions import catalog, settling, tasks
from predictions.labeling import folded
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.scoring.registry import ArtifactRef
from predictions.scoring.schema import Applicant

# Waiting holds a thread of the web server; beyond this many a process answers at once.
_waiting_places = threading.BoundedSemaphore(6)


class TooManyOrders(Exception):
    """The user's limit of orders a minute is reached; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class PriceChanged(Exception):
    """The price is not the one that the customer has agreed to."""

    def __init__(self, price: int) -> None:
        super().__init__(f"the price is {price} now")
        self.price = price


class NotCancelable(Exception):
    """The prediction has begun or ended."""


@dataclass
class Order:
    """`rang` is False while no worker knows of the prediction."""

    prediction: Prediction
    rang: bool = False


def order_prediction(
    *,
    user: User,
    model: ScoringModel,
    applicant: Applicant,
    request_key: str,
    agreed_price: int | None = None,
    label: str = "",
) -> Order:
    """Charge the user and queue the prediction, in one transaction; then ring for a worker.

    `label` is a checked one (`labeling`). The same key again gives the first prediction, whatever the
    label. Raises `InsufficientFunds`, `RequestKeyReused`, `ModelSwitchedOff`, `ModelUnavailable`,
    `PriceChanged`, `TooManyOrders`; nothing is charged then.
    """
    existing = _ordered(user, request_key, model, applicant)
    if existing:
        return Order(existing, rang=True)
    artifact = catalog.artifact_for_sale(model)
    if agreed_price not in (None, model.price):
        raise PriceChanged(model.price)
    check_rate(user)
    try:
        with transaction.atomic():
            order = Order(
                sell(
                    user=user,
                    model=model,
                    artifact=artifact,
                    applicant=applicant,
                    price=model.price,
                    request_key=request_key,
                    label=label,
                )
            )
            transaction.on_commit(lambda: _ring_for(order))
    except (IntegrityError, billing.InsufficientFunds):
        # A parallel request with the same key may have been first.
        existing = _ordered(user, request_key, model, applicant)
        if existing is None:
            raise
        return Order(existing, rang=True)
    return order


def sell(
    *,
    user: User,
    model: ScoringModel,
    artifact: ArtifactRef,
    applicant: Applicant,
    price: int,
    request_key: str,
    label: str,
    comparison: Comparison | None = None,
) -> Prediction:
    """Charge and record in the caller's transaction. Raises `InsufficientFunds`, `IntegrityError`."""
    return Prediction.objects.create(
        user=user,
        model=model,
        model_version=artifact.version,
        artifact_sha256=artifact.sha256,
        comparison=comparison,
        price=price,
        charge=billing.charge(user=user, amount=price, request_key=request_key),
        applicant=applicant,
        label=label,
        label_folded=folded(label),
    )


def wait_for(order: Order, seconds: float) -> Prediction:
    """The prediction as it is when it ends, or after `seconds` at the latest."""
    prediction = order.prediction
    if not order.rang or not _waiting_places.acquire(blocking=False):
        return prediction
    try:
        deadline, pause = time.monotonic() + seconds, 0.002
        while prediction.is_pending and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 1.3, 0.05)
            prediction = Prediction.objects.with_links().get(pk=prediction.pk)
        return prediction
    finally:
        _waiting_places.release()


def cancel_prediction(prediction: Prediction) -> Prediction:
    """Take a queued order back for its money. Raises `NotCancelable`."""
    if not settling.cancel(prediction):
        raise NotCancelable
    return Prediction.objects.with_links().get(pk=prediction.pk)


def _ring_for(order: Order) -> None:
    order.rang = tasks.ring()


def _ordered(user: User, request_key: str, model: ScoringModel, applicant: Applicant) -> Prediction | None:
    """What this key has ordered. Raises `RequestKeyReused` when that was something else."""
    entry = Entry.objects.filter(wallet__user=user, request_key=request_key).first()
    if entry is None:
        return None
    prediction = Prediction.objects.with_links().filter(charge=entry).first()
    if prediction is None or prediction.model != model or prediction.applicant != applicant:
        raise billing.RequestKeyReused
    return prediction


def check_rate(user: User) -> None:
    """Raises `TooManyOrders`. Counts the rows themselves, so it holds whether or not the cache answers."""
    limit, minute = settings.ORDERS_PER_MINUTE, timedelta(minutes=1)
    if not limit:
        return
    now = timezone.now()
    lately = Prediction.objects.of(user).filter(created_at__gt=now - minute).order_by("-created_at", "-pk")
    counted = lately.values_list("created_at", flat=True)[limit - 1 : limit]
    if oldest := counted.first():
        raise TooManyOrders(int((oldest + minute - now).total_seconds()) + 1)
