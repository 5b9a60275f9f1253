"""Comparisons: all models for one applicant, ordered together at a discount."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.models import ApiKey, User
from billing import services as billing
from billing.keys import usage
from predictions import catalog, tasks
from predictions.jobs import transitions
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders.predictions import NotCancelable, check_price, check_rate, sell_once, sell_prediction
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
    """The current price of a comparison, and of its models in separate orders; in minor units."""

    parts: list[Part]
    discount_percent: int

    @property
    def price(self) -> int:
        return sum(part.price for part in self.parts)

    @property
    def full_price(self) -> int:
        return sum(part.model.price for part in self.parts)


def quote() -> Quote:
    """Return a quote for all available models. Raises `ModelUnavailable` if there are fewer than two."""
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
    api_key: ApiKey | None = None,
) -> Comparison:
    """Charge for and queue a prediction by each model, all or none, in one transaction.

    `label` is a validated one and becomes that of the parts, too. The same request key again returns the
    first comparison, whatever the label or `api_key`. Limits count its predictions. Raises
    `InsufficientFunds`, `RequestKeyReused`, `ModelUnavailable`, `InvalidApplicant`, `PriceChanged`,
    `TooManyOrders`, and what the API key's limits raise; nothing is charged then.
    """

    def find() -> Comparison | None:
        return _ordered(user, request_key, applicant)

    def sell() -> Comparison:
        quoted = _check(applicant, agreed_price)
        # Errors are about one part, with those before it charged. They are told of the whole comparison.
        try:
            with transaction.atomic():
                comparison = _sell(user, applicant, request_key, label, quoted, api_key)
                check_rate(user, sold=len(quoted.parts))
                transaction.on_commit(tasks.notify_workers)
        except billing.InsufficientFunds as error:
            raise billing.InsufficientFunds(billing.wallet_of(user).balance, quoted.price) from error
        except usage.DailyLimitReached as error:
            raise usage.before(error) from error
        return comparison

    return sell_once(find, sell)


def check_comparison(user: User, applicant: Applicant, agreed_price: int | None) -> None:
    """Raises what `order_comparison` would raise now, `RequestKeyReused` excepted."""
    quoted = _check(applicant, agreed_price)
    check_rate(user, more=len(quoted.parts))
    billing.check_funds(user, quoted.price)


def cancel_comparison(comparison: Comparison) -> int:
    """Cancel all queued parts; return what was refunded for canceled parts, in minor units.

    The other parts continue. The same again returns the same amount. Raises `NotCancelable` if no part is
    canceled then.
    """
    transitions.cancel_parts(comparison)
    canceled = list(comparison.predictions.filter(status=Prediction.Status.CANCELED))
    if not canceled:
        raise NotCancelable
    # A comped part was refunded when it failed.
    return sum(part.price for part in canceled if part.comped_by_id is None)


def _check(applicant: Applicant, agreed_price: int | None) -> Quote:
    """Return the current quote. Raises like `check_comparison`, but of the user."""
    current = quote()
    for part in current.parts:
        catalog.check_supported(part.artifact, applicant)
    check_price(current.price, agreed_price)
    return current


def _sell(
    user: User, applicant: Applicant, request_key: str, label: str, quoted: Quote, api_key: ApiKey | None
) -> Comparison:
    comparison = Comparison.objects.create(
        user=user,
        applicant=applicant,
        label=label,
        discount_percent=quoted.discount_percent,
        request_key=request_key,
    )
    for position, part in enumerate(quoted.parts):
        sell_prediction(
            user=user,
            model=part.model,
            artifact=part.artifact,
            applicant=applicant,
            price=part.price,
            # The ledger must know the key itself, so that it pays for nothing else. Keys of clients and forms
            # have other prefixes than those of the other parts.
            request_key=f"part:{part.model.slug}:{request_key}" if position else request_key,
            label=label,
            comparison=comparison,
            api_key=api_key,
        )
    return comparison


def _ordered(user: User, request_key: str, applicant: Applicant) -> Comparison | None:
    """Return the comparison with this key. Raises `RequestKeyReused` if the key was used otherwise."""
    # Read first: a parallel request may sell the comparison in between, and commits both together.
    paid = billing.has_booked(user, request_key)
    comparison = Comparison.objects.filter(user=user, request_key=request_key).first()
    if paid if comparison is None else comparison.applicant != applicant:
        raise billing.RequestKeyReused
    return comparison
