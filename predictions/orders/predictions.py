"""Orders of predictions: charge the user, store the prediction, notify the workers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction

from accounts.errors import CustomerError, RetryLater
from accounts.models import ApiKey, User
from accounts.quotas import Quota
from billing import services as billing
from billing.models import Entry
from predictions import catalog, events, limits, tasks
from predictions.jobs import transitions
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders.labels import fold_label
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.schema import Applicant

Sold = TypeVar("Sold")


class TooManyOrders(RetryLater):
    """The user's limit of orders per minute is reached."""

    code = "too_many_orders"


class PriceChanged(CustomerError):
    """The current `price`, in minor units, is not the one that the customer agreed to."""

    status = 409
    code = "price_changed"

    def __init__(self, price: int) -> None:
        self.price = price


class NotCancelable(CustomerError):
    """The prediction has begun, or it has ended and was not canceled."""

    status = 409
    code = "not_cancelable"


@dataclass
class Order:
    """`published`: the workers were notified of the prediction. `repeated`: it had been ordered before.

    `quota`: what a new order has left of the customer's orders per minute, if they have a limit.
    """

    prediction: Prediction
    published: bool = False
    repeated: bool = False
    quota: Quota | None = None


def order_prediction(
    *,
    user: User,
    model: ScoringModel,
    applicant: Applicant,
    request_key: str,
    agreed_price: int | None = None,
    label: str = "",
    api_key: ApiKey | None = None,
    record: Callable[[Order], object] | None = None,
) -> Order:
    """Charge the user and queue a prediction in one transaction, then notify the workers.

    `label` must be validated (`orders.labels`). `record` is called in the transaction of a new order. A
    repeated request key returns the first order, even with another label or `api_key`. Raises
    `InsufficientFunds`, `RequestKeyReused`, `ModelSwitchedOff`, `ModelUnavailable`, `InvalidApplicant`,
    `PriceChanged`, `TooManyOrders`, and what the API key's limits raise; nothing is charged then.
    """

    def find() -> Order | None:
        prediction = _ordered(user, request_key, model, applicant)
        return Order(prediction, published=True, repeated=True) if prediction else None

    def sell() -> Order:
        artifact = _check(model, applicant, agreed_price)
        with transaction.atomic():
            prediction = sell_prediction(
                user=user,
                model=model,
                artifact=artifact,
                applicant=applicant,
                price=model.price,
                request_key=request_key,
                label=label,
                api_key=api_key,
            )
            order = Order(prediction, quota=check_rate(user, sold=1))
            if record:
                record(order)
            transaction.on_commit(lambda: notify(order))
        return order

    def notify(order: Order) -> None:
        order.published = tasks.notify_workers()

    return sell_once(find, sell)


def check_prediction(user: User, model: ScoringModel, applicant: Applicant, agreed_price: int | None) -> None:
    """Raises what `order_prediction` would raise now, `RequestKeyReused` excepted."""
    _check(model, applicant, agreed_price)
    check_rate(user, more=1)
    billing.check_funds(user, model.price)


def check_price(price: int, agreed_price: int | None) -> None:
    """Raises `PriceChanged` if `agreed_price` is another price."""
    if agreed_price not in (None, price):
        raise PriceChanged(price)


def check_rate(user: User, *, more: int = 0, sold: int = 0) -> Quota | None:
    """Return what is left of the user's orders per minute. Raises `TooManyOrders`.

    For `more` predictions, before they are ordered; or after those that the transaction has `sold`. Then it
    holds for parallel orders too: each has locked the wallet, and sees those that had it before.
    """
    quota, seconds = limits.admit_orders(user, more=more, sold=sold)
    if seconds:
        raise TooManyOrders(seconds, quota)
    return quota


def sell_once(find: Callable[[], Sold | None], sell: Callable[[], Sold]) -> Sold:
    """Return what `sell` sells; if it cannot, because of the key or of anything else, what `find` finds.

    So a new order does not look for an earlier one with its key, which the ledger would refuse to book.
    Raises what `sell` raises if nothing is found, and `RequestKeyReused`.
    """
    try:
        return sell()
    except (IntegrityError, CustomerError):
        if existing := find():
            return existing
        raise


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
    api_key: ApiKey | None = None,
) -> Prediction:
    """Charge and store in the caller's transaction. Raises what `billing.charge` raises."""
    prediction = Prediction.objects.create(
        user=user,
        model=model,
        model_version=artifact.version,
        artifact_sha256=artifact.sha256,
        comparison=comparison,
        price=price,
        charge=billing.charge(user=user, amount=price, request_key=request_key, api_key=api_key),
        applicant=applicant,
        label=label,
        label_folded=fold_label(label),
    )
    events.ordered(prediction)
    return prediction


def cancel_prediction(prediction: Prediction) -> Prediction:
    """Cancel and refund a queued prediction; one that is canceled stays so. Raises `NotCancelable`."""
    transitions.cancel(prediction)
    current = Prediction.objects.with_links().get(pk=prediction.pk)
    if current.status != Prediction.Status.CANCELED:
        raise NotCancelable
    return current


def _check(model: ScoringModel, applicant: Applicant, agreed_price: int | None) -> ArtifactRef:
    """Return the artifact that an order now would use. Raises like `check_prediction`, but of the user."""
    artifact = catalog.artifact_for_sale(model)
    catalog.check_supported(artifact, applicant)
    check_price(model.price, agreed_price)
    return artifact


def _ordered(user: User, request_key: str, model: ScoringModel, applicant: Applicant) -> Prediction | None:
    """Return the prediction with this key. Raises `RequestKeyReused` if the key was used otherwise."""
    entry = Entry.objects.filter(wallet__user=user, request_key=request_key).first()
    if entry is None:
        return None
    prediction = Prediction.objects.with_links().filter(charge=entry).first()
    if prediction is None or prediction.comparison_id:
        raise billing.RequestKeyReused
    if prediction.model != model or prediction.applicant != applicant:
        raise billing.RequestKeyReused
    return prediction
