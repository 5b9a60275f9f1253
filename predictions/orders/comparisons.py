"""Sells all models on one applicant: one order, one price with a discount."""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from billing import services as billing
from predictions import catalog, tasks
from predictions.jobs import transitions
from predictions.models import Comparison, ScoringModel
from predictions.orders.predictions import NotCancelable, check_order, sell_once, sell_prediction
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.schema import Applicant

MIN_MODELS = 2


@dataclass(frozen=True)
class Part:
    """One model of a comparison at its discounted price."""

    model: ScoringModel
    artifact: ArtifactRef
    price: int


@dataclass(frozen=True)
class Quote:
    """What a comparison costs now, and what its models cost one by one; minor units."""

    parts: list[Part]
    discount_percent: int

    @property
    def price(self) -> int:
        return sum(part.price for part in self.parts)

    @property
    def full_price(self) -> int:
        return sum(part.model.price for part in self.parts)


def quote() -> Quote:
    """All models that can be bought now. Raises `ModelUnavailable` when there are fewer than two."""
    discount = settings.COMPARISON_DISCOUNT_PERCENT
    parts = []
    for offer in catalog.offers():
        if offer.version is not None:
            price = max(1, offer.model.price * (100 - discount) // 100)
            parts.append(Part(offer.model, catalog.artifact_for_sale(offer.model), price))
    if len(parts) < MIN_MODELS:
        raise catalog.ModelUnavailable
    return Quote(parts, discount)


def order_comparison(
    *,
    user: User,
    applicant: Applicant,
    request_key: str,
    agreed_price: int | None = None,
    label: str = "",
) -> Comparison:
    """Charge and queue a prediction for each model, all or none, in one transaction.

    `label` is a validated one and becomes that of the parts, too. The same key again returns the first
    comparison, whatever the label. Raises `InsufficientFunds`, `RequestKeyReused`, `ModelUnavailable`,
    `InvalidApplicant`, `PriceChanged`, `TooManyOrders`; nothing is charged then.
    """

    def find() -> Comparison | None:
        return _ordered(user, request_key, applicant)

    if existing := find():
        return existing
    offered = quote()
    for part in offered.parts:
        catalog.check_supported(part.artifact, applicant)
    check_order(user, price=offered.price, agreed_price=agreed_price)
    try:
        return sell_once(
            find,
            lambda: _sell(user, applicant, request_key, label, offered),
            lambda _comparison: tasks.notify_workers(),
        )
    except billing.InsufficientFunds as error:
        # One part was too much, but the customer pays for all of them.
        raise billing.InsufficientFunds(billing.wallet_of(user).balance, offered.price) from error


def cancel_comparison(comparison: Comparison) -> int:
    """Cancel all parts that nobody has begun; returns what was refunded, in minor units.

    The other parts go on. Raises `NotCancelable` when there is none to cancel.
    """
    canceled = transitions.cancel_parts(comparison)
    if not canceled:
        raise NotCancelable
    # A comped part was refunded when it failed.
    return sum(part.price for part in canceled if part.comped_by_id is None)


def _sell(user: User, applicant: Applicant, request_key: str, label: str, offered: Quote) -> Comparison:
    comparison = Comparison.objects.create(
        user=user,
        applicant=applicant,
        label=label,
        discount_percent=offered.discount_percent,
        request_key=request_key,
    )
    for part in offered.parts:
        sell_prediction(
            user=user,
            model=part.model,
            artifact=part.artifact,
            applicant=applicant,
            price=part.price,
            # No key of a client or a form begins like this.
            request_key=f"part:{part.model.slug}:{request_key}",
            label=label,
            comparison=comparison,
        )
    return comparison


def _ordered(user: User, request_key: str, applicant: Applicant) -> Comparison | None:
    """What this key has ordered. Raises `RequestKeyReused` when that was for another applicant."""
    comparison = Comparison.objects.filter(user=user, request_key=request_key).first()
    if comparison and comparison.applicant != applicant:
        raise billing.RequestKeyReused
    return comparison
