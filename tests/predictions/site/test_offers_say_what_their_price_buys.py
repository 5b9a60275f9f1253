"""The offers on the home page and on that of the models: in figures of the cards on sale, never typed in."""

from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from predictions.catalog import offers as offers_on_sale
from predictions.formats.model_cards.benefits import priced_offers
from predictions.models import ScoringModel
from predictions.scoring.model_card import read_model_card
from tests.support.addresses import MODELS
from tests.support.html import Page

NEVER = "An improvement, such as a higher income, never lowers the probability."
CAN = "An improvement, such as a higher income, can lower the probability"
HOME, OFFERS = reverse("home"), reverse("predictions:models")


def offers_on(client: Client, address: str, language: str = "en") -> list[str]:
    answer = client.get(address, headers={"Accept-Language": language})
    return [item.words for item in Page(answer).all("li", class_="panel offer")]


def difference(settings: Settings, slug: str, name: str, decimals: int) -> str:
    """Between the two numbers that are shown for the cheapest model and for this one."""
    cards: list[Any] = [read_model_card(settings.ARTIFACTS_DIR, one) for one in (MODELS[0], slug)]
    before, after = (card["metrics"][name] for card in cards)
    change = round(float(f"{after:.{decimals}f}") - float(f"{before:.{decimals}f}"), decimals)
    return f"{change:+.{decimals}f}".replace("-", "\u2212")


def test_the_home_page_says_what_each_is_for_without_figures(client: Client, catalog: None) -> None:
    words = offers_on(client, HOME)
    plain = ("giving reasons.", "near your threshold.", "where a mistake is expensive.")
    assert [text in said for text, said in zip(plain, words, strict=True)] == [True] * 3
    assert not [said for said in words if "ROC AUC" in said or "more than" in said]


def test_dearer_models_are_compared_with_the_cheapest(
    client: Client, catalog: None, settings: Settings
) -> None:
    first, *others = offers_on(client, OFFERS)
    assert "Explained by points you can add up by hand." in first
    assert " more than " not in first
    for slug, words, price in zip(MODELS[1:], others, ("40.00", "90.00"), strict=True):
        auc, brier = difference(settings, slug, "roc_auc", 3), difference(settings, slug, "brier", 4)
        assert (
            f"For {price} USD more than Logistic Regression: ROC AUC {auc}, Brier score {brier} "
            "(lower is better)."
        ) in words
        assert "Explained by the effect of each factor." in words


def test_what_is_guaranteed_is_what_the_card_proves(
    client: Client, catalog: None, settings: Settings
) -> None:
    for slug, words in zip(MODELS, offers_on(client, OFFERS), strict=True):
        card = read_model_card(settings.ARTIFACTS_DIR, slug)
        if card["certainty"]["how"] == "construction":
            assert NEVER in words
        else:
            most = max(row["fell_noticeably"] or 0 for row in card["stability"]["directions"])
            assert f"{CAN}: by 1 point or more for up to {most * 100:.1f}% of applicants." in words


def test_one_that_is_dearer_and_worse_says_so(catalog: None, settings: Settings) -> None:
    ScoringModel.objects.filter(slug="catboost").update(price=1_00)
    cards = [
        read_model_card(settings.ARTIFACTS_DIR, slug)["metrics"] for slug in ("catboost", "random-forest")
    ]
    lost = round(cards[0]["roc_auc"], 3) - round(cards[1]["roc_auc"], 3)
    assert lost > 0
    said = offered()["random-forest"].replace("\xa0", " ")
    assert said.startswith(f"For 49.00 USD more than CatBoost: ROC AUC \u2212{lost:.3f}, Brier score +0.")


def test_a_model_that_cannot_be_sold_keeps_its_description(
    client: Client, catalog: None, settings: Settings, own_copy: Path
) -> None:
    settings.ARTIFACTS_DIR = own_copy
    for path in (own_copy / "catboost").rglob("card.json"):
        path.unlink()
    assert offered()["catboost"] == ""
    words = offers_on(client, OFFERS)[2]
    assert ScoringModel.objects.get(slug="catboost").description_en in words
    assert "Currently unavailable" in words


def test_numbers_are_in_the_readers_language(client: Client, catalog: None) -> None:
    assert (
        "На 40,00\xa0USD дороже модели «Логистическая регрессия»: ROC AUC +0,001".replace("\xa0", " ")
        in (offers_on(client, OFFERS, "ru")[1])
    )


def offered() -> dict[str, str]:
    return {priced.offer.model.slug: priced.benefit for priced in priced_offers(offers_on_sale())}
