"""What each model on sale gives for its price, in figures of the model cards."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.money import format_money
from predictions.catalog import Offer
from predictions.formats.model_cards.published import PublishedModel, published_model
from predictions.formats.model_cards.side_by_side import WHEN_TO_CHOOSE
from predictions.formats.numbers import plain_percent, score
from predictions.scoring.model_card import ModelCard


@dataclass(frozen=True)
class PricedOffer:
    """`benefit` says what the price buys, in figures, and `when_to_choose` in a few words.

    Both are empty if no version is on sale.
    """

    offer: Offer
    benefit: str
    when_to_choose: str


def priced_offers(offers: list[Offer]) -> list[PricedOffer]:
    """Return all offers. Those that cost more than the cheapest are compared with it."""
    published = [published_model(offer) for offer in offers]
    usable = [model for model in published if model]
    cheapest = min(usable, key=lambda model: model.offer.model.price, default=None)
    return [
        PricedOffer(
            offer,
            _benefit(model, cheapest) if model and cheapest else "",
            str(WHEN_TO_CHOOSE[model.model_card["method"]]) if model else "",
        )
        for offer, model in zip(offers, published, strict=True)
    ]


def _benefit(published: PublishedModel, cheapest: PublishedModel) -> str:
    card = published.model_card
    gain = [] if published is cheapest else [_gain(published, cheapest)]
    return " ".join([*gain, _explained(card), _promise(card)])


def _gain(published: PublishedModel, cheapest: PublishedModel) -> str:
    after, before = published.model_card["metrics"], cheapest.model_card["metrics"]
    price = published.offer.model.price - cheapest.offer.model.price
    return _(
        "For %(price)s more than %(model)s: ROC AUC %(auc)s, Brier score %(brier)s (lower is better)."
    ) % {
        "price": format_money(price),
        "model": cheapest.offer.model.name,
        "auc": _change(before["roc_auc"], after["roc_auc"], 3),
        "brier": _change(before["brier"], after["brier"], 4),
    }


def _explained(card: ModelCard) -> str:
    if card["method"] == "scorecard":
        return _("Explained by points you can add up by hand.")
    return _("Explained by the effect of each factor.")


def _promise(card: ModelCard) -> str:
    certainty = card.get("certainty")
    if certainty and certainty["how"] == "construction":
        return _("An improvement, such as a higher income, never lowers the probability.")
    share = max(row["fell_noticeably"] or 0 for row in card["stability"]["directions"])
    return _(
        "An improvement, such as a higher income, can lower the probability: by 1 point or "
        "more for up to %(share)s of applicants."
    ) % {"share": plain_percent(share)}


def _change(before: float, after: float, decimals: int) -> str:
    """The difference of the two rounded numbers that pages show, with its sign."""
    change = round(round(after, decimals) - round(before, decimals), decimals)
    text = score(abs(change), decimals)
    return text if not change else f"+{text}" if change > 0 else f"\u2212{text}"
