"""The admin's page of drift has each week and field of a version, for operators alone."""

import html
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from predictions.models import DriftWeek
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.bins import MIN_ROWS
from tests.support.drift import SLUG, model_now, sold_week, week_before


def address(query: str = "") -> str:
    return reverse("admin:predictions_scoringmodel_drift", args=[model_now().pk]) + query


def page(client: Client, query: str = "") -> BeautifulSoup:
    answer = client.get(address(query))
    assert answer.status_code == 200
    return BeautifulSoup(answer.content.decode(), "html.parser")


def table(client: Client, query: str = "", *, name: str = "weeks") -> dict[str, list[str]]:
    """The rows of a table by their first cell."""
    found = page(client, query).select_one(f"table[aria-labelledby={name}]")
    assert found
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in found.select("tbody tr")
    ]
    return {first: rest for first, *rest in rows}


@pytest.fixture
def admin_client(client: Client, operator: User, catalog: None) -> Client:
    client.force_login(operator)
    return client


def test_weeks_have_their_rows_values_and_words(admin_client: Client) -> None:
    sold_week(week_before(2))
    sold_week(week_before(1), moved={"person_income": 0.5, "loan_int_rate": 0.15})
    shown = table(admin_client)
    assert shown["Rows"] == ["10,000", "10,000"]
    assert shown["Probability of approval"] == ["0.00 Stable", "0.00 Stable"]
    assert shown["Yearly income"][0].endswith("Drifted")
    assert shown["Yearly income"][1] == "0.00 Stable"
    assert shown["Interest rate"][0].endswith("Watch")
    assert len(shown) == 13


def test_the_newest_week_is_marked_as_not_over(admin_client: Client) -> None:
    sold_week(week_before(0))
    sold_week(week_before(1))
    heads = [
        " ".join(head.get_text(" ").split())
        for head in page(admin_client).select("table[aria-labelledby=weeks] thead th")
    ]
    assert [head.endswith("so far") for head in heads[1:]] == [True, False]


def test_few_rows_get_no_verdict(admin_client: Client) -> None:
    sold_week(week_before(1), rows=MIN_ROWS - 1, moved={"person_income": 0.9})
    sold_week(week_before(2), rows=MIN_ROWS, moved={"person_income": 0.9})
    few, enough = table(admin_client)["Yearly income"]
    assert few == "— Too few"
    assert enough.endswith("Drifted")
    assert "Too few rows for a verdict (299 of 300)." in page(admin_client).text
    assert "which chance alone makes" not in page(admin_client).text


def test_a_field_of_a_week_is_shown_by_bins_with_bars(admin_client: Client) -> None:
    sold_week(week_before(2))
    lowest = sold_week(week_before(1), moved={"person_income": 0.5}).counts["person_income"][0]
    query = f"?field=person_income&week={week_before(1)}"
    rows = table(admin_client, query, name="field")
    first = next(iter(rows.values()))
    assert first[:3] == ["9.7%", f"{lowest / 100:.1f}%", f"{lowest:,}"]
    assert not any("unknown" in name for name in rows)
    shown = page(admin_client, query)
    bars = shown.select("#field ~ * svg rect")
    assert len(bars) == 2 * len(rows)
    assert max(float(str(bar["width"])) for bar in bars) == 100
    assert not shown.select("#content [style], #content script")
    # Its address is that of its cell.
    links = [str(link["href"]) for link in shown.select("#weeks ~ * a")]
    assert f"?version=2.0.0&field=person_income&week={week_before(1)}#field" in links
    rate = table(admin_client, f"?field=loan_int_rate&week={week_before(2)}", name="field")
    assert {*rate["unknown"][:2]} <= {"9.6%", "9.7%"}
    home = table(admin_client, "?field=person_home_ownership", name="field")
    assert list(home) == ["Rents", "Owns", "Pays a mortgage", "Other"]


def test_what_the_address_asks_for_may_be_anything(admin_client: Client) -> None:
    sold_week(week_before(1))
    for query in (
        "?field=x&week=y&version=z&before=0",
        "?week=2020-01-01",
        "?before=9999-12-31",
        "?field=%00",
    ):
        assert table(admin_client, query)["Rows"] == ["10,000"]


def test_older_weeks_have_pages_of_their_own(admin_client: Client) -> None:
    for weeks in range(1, 12):
        sold_week(week_before(weeks), rows=1000 + weeks)
    assert table(admin_client)["Rows"] == [f"1,00{weeks}" for weeks in range(1, 9)]
    query = next(str(link["href"]) for link in page(admin_client).select("a") if link.text == "Earlier weeks")
    assert table(admin_client, query)["Rows"] == ["1,009", "1,010", "1,011"]
    texts = [link.text for link in page(admin_client, query).select("a")]
    assert "Newest weeks" in texts
    assert "Earlier weeks" not in texts


def test_each_version_has_its_weeks(admin_client: Client, two_versions: ArtifactRef) -> None:
    week = sold_week(week_before(1))
    DriftWeek.objects.filter(pk=week.pk).update(version="9.0.0", artifact_sha256=two_versions.sha256)
    assert "Nothing has been counted" in page(admin_client).text
    assert table(admin_client, "?version=9.0.0")["Rows"] == ["10,000"]


def test_a_version_without_bins_or_with_damaged_ones_says_so(
    admin_client: Client, own_copy: Path, settings: Settings
) -> None:
    settings.ARTIFACTS_DIR = own_copy
    sold_week(week_before(1))
    file = own_copy / SLUG / "2.0.0" / artifacts.BINS
    file.write_bytes(file.read_bytes() + b" ")
    assert "The bins of logistic-regression 2.0.0 cannot be read" in page(admin_client).text
    manifest = own_copy / artifacts.MANIFEST
    manifest.write_text(manifest.read_text().replace(artifacts.BINS, "other.json"))
    assert "Version 2.0.0 has no bins, so its drift is not measured." in page(admin_client).text


def test_it_takes_the_permission_to_see_models(client: Client, alice: User, catalog: None) -> None:
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    refused = client.get(address(), follow=True)
    assert "You do not have permission to see models." in refused.content.decode()
    alice.user_permissions.add(Permission.objects.get(codename="view_scoringmodel"))
    assert client.get(address()).status_code == 200
    stranger = Client()
    assert stranger.get(address()).status_code == 302


def test_it_is_linked_from_the_model_and_its_versions(admin_client: Client) -> None:
    pk = model_now().pk
    for name, args in (("changelist", []), ("change", [pk]), ("versions", [pk])):
        shown = admin_client.get(reverse(f"admin:predictions_scoringmodel_{name}", args=args))
        assert address() in shown.content.decode(), name


def test_a_million_rows_are_read_in_as_many_statements_as_one(admin_client: Client) -> None:
    sold_week(week_before(1), rows=1)
    with CaptureQueriesContext(connection) as few:
        page(admin_client)
    for weeks in range(2, 9):
        sold_week(week_before(weeks), rows=1_000_000)
    began = time.process_time()
    with CaptureQueriesContext(connection) as many:
        page(admin_client)
    assert time.process_time() - began < 1
    assert len(many) == len(few)


def test_the_page_is_there_in_russian(admin_client: Client) -> None:
    sold_week(week_before(1), moved={"person_income": 0.5})
    admin_client.cookies["language"] = "ru"
    answer = admin_client.get(address(), headers={"Accept-Language": "ru"})
    text = html.unescape(answer.content.decode())
    assert "Неделя с" in text
    assert "Сдвиг есть" in text
    assert "Training data" not in text
