"""Sells predictions: charges, records and wakes the workers. Pages, API and admin all call this."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import CustomerError, RetryLater
from accounts.models import User
from billing import services as billing
from billing.models import Entry
from predictions import catalog, tasks
from predictions.jobs import transitions
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders.labels import fold_label
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.schema import Applicant

Sold = TypeVar("Sold")


class TooManyOrders(RetryLater):
    """The user's limit of orders a minute is reached."""

    code = "too_many_orders"


class PriceChanged(CustomerError):
    """The price, in minor units, is not the one that the customer agreed to."""

    status = 409
    code = "price_changed"

    def __init__(self, price: int) -> None:
        super().__init__(f"the price is {price} now")
        self.price = price


class NotCancelable(CustomerError):
    """The prediction has begun or ended."""

    status = 409
    code = "not_cancelable"


@dataclass
class Order:
    """`published`: the workers were told about the prediction."""

    prediction: Prediction
    published: bool = False


def order_prediction(
    *,
    user: User,
    model: ScoringModel,
    applicant: Applicant,
    request_key: str,
    agreed_price: int | None = None,
    label: str = "",
) -> Order:
    """Charge the user and queue a prediction in one transaction, then wake the workers.

    `label` is a validated one (`orders.labels`). The same key again returns the first order, whatever the
    label. Raises `InsufficientFunds`, `RequestKeyReused`, `ModelSwitchedOff`, `ModelUnavailable`,
    `InvalidApplicant`, `PriceChanged`, `TooManyOrders`; nothing is charged then.
    """

    def find() -> Order | None:
        prediction = _ordered(user, request_key, model, applicant)
        return Order(prediction, published=True) if prediction else None

    def sell() -> Order:
        prediction = sell_prediction(
            user=user,
            model=model,
            artifact=artifact,
            applicant=applicant,
            price=model.price,
            request_key=request_key,
            label=label,
        )
        return Order(prediction)

    def notify(order: Order) -> None:
        order.published = tasks.notify_workers()

    if existing := find():
        return existing
    artifact = catalog.artifact_for_sale(model)
    catalog.check_supported(artifact, applicant)
    check_order(user, price=model.price, agreed_price=agreed_price)
    return sell_once(find, sell, notify)


def check_order(user: User, *, price: int, agreed_price: int | None) -> None:
    """Raises `PriceChanged` when another price was agreed to, and `TooManyOrders`."""
    if agreed_price not in (None, price):
        raise PriceChanged(price)
    _check_rate(user)


def sell_once(
    find: Callable[[], Sold | None], sell: Callable[[], Sold], notify: Callable[[Sold], object]
) -> Sold:
    """Run `sell` in a transaction and `notify` after it.

    When it fails because a parallel request with the same key was first, `find` returns that one's order.
    Raises whatever `sell` raises.
    """
    try:
        with transaction.atomic():
            sold = sell()
            transaction.on_commit(lambda: notify(sold))
    except (IntegrityError, billing.InsufficientFunds):
        if existing := find():
            return existing
        raise
    return sold


def sell_prediction(
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
        label_folded=fold_label(label),
    )


def cancel_prediction(prediction: Prediction) -> Prediction:
    """Cancel and refund a queued prediction. Raises `NotCancelable`."""
    if not transitions.cancel(prediction):
        raise NotCancelable
    return Prediction.objects.with_links().get(pk=prediction.pk)


def _ordered(user: User, request_key: str, model: ScoringModel, applicant: Applicant) -> Prediction | None:
    """What this key has ordered. Raises `RequestKeyReused` when that was something else."""
    entry = Entry.objects.filter(wallet__user=user, request_key=request_key).first()
    if entry is None:
        return None
    prediction = Prediction.objects.with_links().filter(charge=entry).first()
    if prediction is None or prediction.model != model or prediction.applicant != applicant:
        raise billing.RequestKeyReused
    return prediction


def _check_rate(user: User) -> None:
    """Raises `TooManyOrders`. Counts rows, so the limit holds while the cache is down."""
    limit, minute = settings.ORDERS_PER_MINUTE, timedelta(minutes=1)
    if not limit:
        return
    now = timezone.now()
    recent = Prediction.objects.of(user).filter(created_at__gt=now - minute).order_by("-created_at", "-pk")
    counted = recent.values_list("created_at", flat=True)[limit - 1 : limit]
    if oldest := counted.first():
        raise TooManyOrders(int((oldest + minute - now).total_seconds()) + 1)
