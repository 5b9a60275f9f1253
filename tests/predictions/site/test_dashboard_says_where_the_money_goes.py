from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from predictions.models import ScoringModel
from tests.support.html import Page
from tests.support.ledger import charge, clock_at, refund
from tests.support.orders import Bought
from tests.support.people import give_money

OVERVIEW = reverse("predictions:dashboard")


@pytest.mark.parametrize(
    ("balance", "language", "words"),
    [
        (29_99, "en", "it covers 2 more predictions with Logistic Regression."),
        (10_00, "en", "it covers 1 more prediction with Logistic Regression."),
        (9_99, "en", "The cheapest model, Logistic Regression, costs 10.00 USD."),
        (29_99, "ru", "их хватит ещё на 2 прогноза по модели «Логистическая регрессия»."),
        (10_00, "ru", "их хватит ещё на 1 прогноз по модели «Логистическая регрессия»."),
    ],
)
def test_a_low_balance_is_said_in_predictions(
    client: Client, alice: User, catalog: None, balance: int, language: str, words: str
) -> None:
    give_money(alice, balance)
    client.force_login(alice)
    page = Page(client.get(OVERVIEW, headers={"Accept-Language": language}))
    notices = [element.words for element in page.all("p", class_="notice warning")]
    assert len(notices) == 1
    assert words in notices[0]


def test_enough_is_not_warned_about(client: Client, alice: User, catalog: None) -> None:
    give_money(alice, 30_00)
    client.force_login(alice)
    assert not Page(client.get(OVERVIEW)).all("p", class_="notice warning")


def test_a_model_that_cannot_be_bought_now_is_not_counted(
    client: Client, alice: User, catalog: None, tmp_path: Path, settings: Settings
) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    client.force_login(alice)
    assert not Page(client.get(OVERVIEW)).all("p", class_="notice warning")


def test_without_models_there_is_nothing_to_warn_of(client: Client, alice: User, catalog: None) -> None:
    ScoringModel.objects.update(active=False)
    client.force_login(alice)
    answer = client.get(OVERVIEW)
    assert answer.status_code == 200
    assert not Page(answer).all("p", class_="notice warning")


def test_bars_and_table_show_the_same_thirty_days(client: Client, alice: User) -> None:
    with clock_at("2026-11-10T10:00:00Z"):
        give_money(alice, 500_00)
        paid = charge(alice, 100_00)
        charge(alice, 50_00)
    with clock_at("2026-11-11T10:00:00Z"):
        refund(paid)
    with clock_at("2026-11-30T10:00:00Z"):
        client.force_login(alice)
        answer = client.get(OVERVIEW)
    page = Page(answer)
    rows = [row.words for row in page.all("tr")]
    assert "10 November 2 150.00 USD 0.00 USD 150.00 USD" in rows
    assert "11 November 0 0.00 USD 100.00 USD −100.00 USD" in rows
    assert "Total 2 150.00 USD 100.00 USD 50.00 USD" in rows
    assert len([row for row in rows if "November" in row]) == 30
    assert len(page.all("rect", class_="slot")) == 30
    assert "2 predictions ordered, 100.00 USD refunded" in answer.content.decode().replace("\u00a0", " ")
    chart = answer.context["chart"]
    spent, back, nothing = (chart.bars[day] for day in (9, 10, 11))
    assert float(spent.y) + float(spent.height) == pytest.approx(float(chart.zero), abs=0.02)
    assert float(back.y) == float(chart.zero)
    assert float(back.height) / float(spent.height) == pytest.approx(100 / 150, abs=0.01)
    assert float(nothing.height) == 0
    assert [line.amount for line in chart.lines] == [-100_00, 0, 100_00, 200_00]
    assert page.all("rect", class_="back")[0].attributes["y"] == f"{chart.zero}%"


def test_numbers_of_the_drawing_have_a_point_in_russian_too(alices: Client, bought: Bought) -> None:
    bought()
    page = Page(alices.get(OVERVIEW, headers={"Accept-Language": "ru"}))
    for bar in page.all("rect", class_="spent"):
        for name in ("x", "y", "width", "height"):
            assert float(bar.attributes[name].removesuffix("%")) <= 100


def test_who_has_spent_nothing_is_invited(alices: Client) -> None:
    page = Page(alices.get(OVERVIEW))
    assert not page.all("rect", class_="slot")
    assert "Nothing yet." in " ".join(element.words for element in page.all("p"))
    assert reverse("predictions:new") in page.links
