import shutil
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from predictions.models import ScoringModel
from predictions.scoring.model_card import read_model_card
from predictions.scoring.model_card_texts import CHANGES
from tests.support.addresses import MODELS
from tests.support.html import Page

ROOT = Path(__file__).resolve().parents[3]
ADDRESS = reverse("predictions:models")


def test_measures_stand_beside_each_other_with_their_ranges(
    client: Client, catalog: None, settings: Settings
) -> None:
    rows = {row.words.split(" How often")[0]: row.words for row in Page(client.get(ADDRESS)).all("tr")}
    for slug in MODELS:
        card = read_model_card(settings.ARTIFACTS_DIR, slug)
        low, high = card["intervals"]["roc_auc"]
        assert f"{card['metrics']['roc_auc']:.3f} {low:.3f}–{high:.3f}" in rows["ROC AUC"]
        for row in card["stability"]["directions"]:
            line = next(line for name, line in rows.items() if name.startswith(CHANGES[row["change"]]))
            assert f"{row['fell_noticeably'] * 100:.1f}%" in line


def test_defaults_that_remain_are_the_cards_own(client: Client, catalog: None, settings: Settings) -> None:
    figures = [one.words for one in Page(client.get(ADDRESS)).all("p", class_="bought-figure")]
    assert len(figures) == len(MODELS)
    for slug, words in zip(MODELS, figures, strict=True):
        card = read_model_card(settings.ARTIFACTS_DIR, slug)
        found = next(point["defaults"] for point in card["gains"] if point["applicants"] == 0.2)
        assert words.startswith(f"{(1 - found) * (1 - card['data']['approval_rate']) * 1000:.0f} ")


def test_curves_differ_by_more_than_colour(client: Client, catalog: None) -> None:
    page = Page(client.get(ADDRESS))
    names = [item.words for item in page.all("ul", class_="legend")]
    assert len(names) == 2
    assert all(name in names[0] for name in ("Logistic Regression", "Random Forest", "CatBoost"))
    styles = (ROOT / "static/css/charts.css").read_text()
    dashes = [f".series-{number} .chart-line {{\n  stroke-dasharray" in styles for number in (1, 2, 3)]
    assert dashes == [False, True, True]
    for number in ("1", "2", "3"):
        assert len(page.all("g", class_=f"series-{number}")) == 2


@pytest.mark.parametrize("kept", [[], ["catboost"], ["logistic-regression", "catboost"]])
def test_a_model_without_its_artifact_is_left_out_of_the_comparison(
    client: Client, catalog: None, settings: Settings, tmp_path: Path, kept: list[str]
) -> None:
    shutil.copy(settings.ARTIFACTS_DIR / "manifest.json", tmp_path)
    for slug in kept:
        shutil.copytree(settings.ARTIFACTS_DIR / slug, tmp_path / slug)
    settings.ARTIFACTS_DIR = tmp_path
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    page = Page(answer)
    assert len(page.all("li", class_="panel offer")) == 3
    assert len(page.all("p", class_="bought-figure")) == len(kept)
    assert len(page.all("figure")) == (2 if kept else 0)
    assert (reverse("predictions:comparison-new") in page.links) == (len(kept) > 1)


def test_it_takes_one_query_however_many_models(client: Client, catalog: None) -> None:
    for slugs in (MODELS[:1], MODELS):
        ScoringModel.objects.update(active=False)
        ScoringModel.objects.filter(slug__in=slugs).update(active=True)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        assert len(captured) == 1
