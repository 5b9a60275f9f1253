import re
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from predictions.formats.model_cards.free import Free, free
from predictions.scoring.artifacts import current
from predictions.scoring.model_card import ModelCard, read_model_card
from predictions.scoring.model_card_texts import LIMITS
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.points import add_up, point_tables
from predictions.scoring.schema import EXAMPLE
from tests.support.addresses import MODELS
from tests.support.html import Page

SECTIONS = ("quality", "roc", "calibration", "distribution", "gains", "limit", "groups", "fairness")
SCORECARD = "logistic-regression"


def page_of(client: Client, slug: str, language: str = "en") -> Page:
    answer = client.get(reverse("predictions:model", args=[slug]), headers={"Accept-Language": language})
    assert answer.status_code == 200
    return Page(answer)


def rows_of(page: Page, heading: str) -> list[str]:
    """The words of the rows of all tables from this section to the next one."""
    start = page.elements.index(page.by_id(heading))
    ends = [place for place, one in enumerate(page.elements) if one.tag == "h2" and place > start]
    return [one.words for one in page.elements[start : ends[0] if ends else None] if one.tag == "tr"]


@pytest.mark.parametrize("slug", MODELS)
def test_it_shows_what_was_measured(client: Client, catalog: None, settings: Settings, slug: str) -> None:
    page, card = page_of(client, slug), read_model_card(settings.ARTIFACTS_DIR, slug)
    low, high = card["intervals"]["roc_auc"]
    first = rows_of(page, "quality")[1]
    assert first.startswith(f"ROC AUC {card['metrics']['roc_auc']:.3f} {low:.3f}–{high:.3f}")
    half = next(row for row in card["thresholds"] if row["threshold"] == 0.5)
    assert half["default_rate_of_approved"] is not None
    shown = next(row for row in rows_of(page, "limit") if row.startswith("50%"))
    assert f"{half['approval_rate'] * 100:.1f}%" in shown
    assert f"{half['default_rate_of_approved'] * 100:.1f}%" in shown
    assert len(rows_of(page, "fairness")) == len(card["fairness"]["bands"]) + 1
    text = " ".join(element.words for element in page.all("li"))
    assert all(LIMITS[key] in text for key in card["limits"])
    assert current(settings.ARTIFACTS_DIR, slug).sha256 in page.by_id("main").words


@pytest.mark.parametrize("slug", MODELS)
def test_every_section_can_be_reached_and_every_drawing_has_a_table(
    client: Client, catalog: None, slug: str
) -> None:
    page = page_of(client, slug)
    assert {f"#{name}" for name in SECTIONS} <= page.links
    assert len(page.all("figure")) == 4
    for name in ("roc", "calibration", "distribution", "gains"):
        assert len(rows_of(page, name)) > 10
    assert f"{reverse('predictions:new')}?model={slug}" in page.links


@pytest.mark.parametrize("slug", MODELS)
def test_numbers_have_the_readers_format(
    client: Client, catalog: None, settings: Settings, slug: str
) -> None:
    page = page_of(client, slug, "ru")
    auc = read_model_card(settings.ARTIFACTS_DIR, slug)["metrics"]["roc_auc"]
    assert f"{auc:.3f}".replace(".", ",") in rows_of(page, "quality")[1]
    for path in page.all("path"):
        assert "," not in path.attributes["d"]


@pytest.mark.parametrize("slug", MODELS)
def test_it_tells_what_is_certain_and_what_noise_costs(
    client: Client, catalog: None, settings: Settings, slug: str
) -> None:
    page, card = page_of(client, slug), read_model_card(settings.ARTIFACTS_DIR, slug)
    rows, text = rows_of(page, "stability"), page.by_id("main").words
    for row in card["stability"]["noise"]:
        assert any(f"{row['roc_auc']:.3f} {row['brier']:.4f} {row['ece']:.4f}" in line for line in rows)
    proven = card["certainty"]["how"] == "construction"
    assert ("By construction" in text) is proven
    assert ("this is not guaranteed" in text) is not proven
    searched = [row for row in card["certainty"]["search"] if f"{row['applicants']:,}" in " ".join(rows)]
    assert bool(searched) is not proven
    assert f"{card['calibration']['slope']:.3f}" in " ".join(e.words for e in page.all("p"))
    assert f"{card['calibration']['ece_noise_floor']:.4f}" in text
    assert "Owner" in text
    assert "Since 2.0.0" in text
    assert "Age has no effect" in text


@pytest.mark.parametrize("slug", MODELS)
def test_it_tells_what_was_given_up(client: Client, catalog: None, settings: Settings, slug: str) -> None:
    card = read_model_card(settings.ARTIFACTS_DIR, slug)
    own, free = card["stability"], card["free"]
    rows = rows_of(page_of(client, slug), "stability")
    for label, place in (("ROC AUC", 0), ("ROC AUC, incomes moved by 2%", -1)):
        here, there = own["noise"][place], free["noise"][place]
        assert f"{label} {here['roc_auc']:.3f} {there['roc_auc']:.3f}" in rows
    shares = [f"{row['fell_noticeably'] * 100:.1f}%" for row in (own["directions"][1], free["directions"][1])]
    assert f"Falls by 1 point or more: Income 5% higher {' '.join(shares)}" in rows


def test_a_version_from_before_says_that_nothing_was_given_up(admin_client: Client, catalog: None) -> None:
    for slug in MODELS:
        page = admin_client.get(reverse("predictions:model-version", args=[slug, "1.0.0"]))
        assert "there is no such cost" in page.content.decode()
        assert "Free model" not in page.content.decode()


def test_a_version_that_was_not_compared_says_so(trained: Path) -> None:
    card = {**read_model_card(trained, "catboost")}
    del card["free"]
    assert free(cast(ModelCard, card)) == Free(True, [])


def test_the_points_of_the_scorecard_can_be_added_up(
    client: Client, catalog: None, settings: Settings
) -> None:
    page, ref = page_of(client, SCORECARD), current(settings.ARTIFACTS_DIR, SCORECARD)
    applicant = parse_applicant(EXAMPLE)
    wanted = add_up(settings.ARTIFACTS_DIR, ref, applicant)
    cells = [row.split()[-1] for row in rows_of(page, "points") if row]
    example = [int(cell.replace(",", "").replace("\u2212", "-")) for cell in cells[1 : len(wanted.parts) + 3]]
    assert sum(example[:-1]) == example[-1] == wanted.total
    printed = {element.words for element in page.all("td")}
    for table in point_tables(settings.ARTIFACTS_DIR, ref):
        for row in table.points:
            assert {str(points) for points in (row if isinstance(row, list) else [row])} <= printed


def test_every_total_can_be_had_as_a_file(client: Client, catalog: None, settings: Settings) -> None:
    answer = client.get(reverse("predictions:points", args=[SCORECARD]))
    assert answer["Content-Type"].startswith("text/csv")
    steps = [line.split(",") for line in answer.content.decode().splitlines()[1:]]
    applicant = parse_applicant(EXAMPLE)
    wanted = add_up(settings.ARTIFACTS_DIR, current(settings.ARTIFACTS_DIR, SCORECARD), applicant)
    found = [value for low, high, value in steps if int(low) <= wanted.total <= int(high)]
    assert found == [f"{wanted.approval_probability:.6f}"]
    assert all(int(before[1]) + 1 == int(after[0]) for before, after in pairwise(steps))


def test_the_file_is_written_as_the_reader_does(client: Client, catalog: None) -> None:
    answer = client.get(reverse("predictions:points", args=[SCORECARD]), headers={"Accept-Language": "ru"})
    heading, first, *_more = answer.content.decode("utf-8-sig").splitlines()
    assert heading == "Баллы от;Баллы до;Вероятность одобрения"
    assert re.fullmatch(r"-?\d+;-?\d+;0,\d{6}", first)


@pytest.mark.parametrize("slug", ["random-forest", "no-such-model"])
def test_only_the_scorecard_has_points(client: Client, catalog: None, slug: str) -> None:
    assert client.get(reverse("predictions:points", args=[slug])).status_code == 404


@pytest.mark.parametrize("slug", MODELS)
def test_without_its_artifact_the_page_says_so(
    client: Client, catalog: None, settings: Settings, tmp_path: Path, slug: str
) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    page = page_of(client, slug)
    assert page.by_id("unavailable").words
    assert not page.all("figure")
    assert "#quality" not in page.links
    assert client.get(reverse("predictions:points", args=[slug])).status_code == 404


@pytest.mark.parametrize("slug", MODELS)
def test_it_takes_one_query(client: Client, catalog: None, slug: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        page_of(client, slug)
    assert len(captured) == 1
