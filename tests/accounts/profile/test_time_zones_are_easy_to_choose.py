"""The list of time zones has each place once, by region, with its offset."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.profile.reader import zone_names
from accounts.profile.zones import REGIONS, zones_by_region
from tests.support.html import Page


@pytest.fixture(autouse=True)
def _winter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 15, tzinfo=UTC))


def by_name(stored: str = "") -> dict[str, str]:
    return {name: label for _region, places in zones_by_region(stored) for name, label in places}


def test_places_have_their_offset() -> None:
    found = by_name()
    assert found["Asia/Tokyo"] == "Tokyo (UTC+9)"
    assert found["Asia/Kolkata"] == "Kolkata (UTC+5:30)"
    assert found["Africa/Abidjan"] == "Abidjan (UTC)"
    assert found["America/Argentina/Buenos_Aires"] == "Argentina, Buenos Aires (UTC\u22123)"


def test_other_names_of_a_place_are_left_out_unless_one_is_stored() -> None:
    assert not {"Asia/Calcutta", "US/Pacific", "Europe/Kiev", "America/Buenos_Aires"} & set(by_name())
    assert by_name("US/Pacific")["US/Pacific"] == "Pacific (UTC\u22128)"
    assert set(by_name()) <= set(zone_names())
    assert {name.partition("/")[0] for name in by_name()} == set(REGIONS)


def test_regions_are_headings_in_the_readers_language(reader: Client, alice: User) -> None:
    answer = reader.get(reverse("accounts:account"), headers={"Accept-Language": "ru"})
    headings = [group.attributes["label"] for group in Page(answer).all("optgroup")]
    assert "Европа" in headings
    assert len(headings) == len(REGIONS)
    assert len(answer.content) < 100_000
    alice.time_zone = "Asia/Calcutta"
    alice.save()
    [chosen] = Page(reader.get(reverse("accounts:account"))).all("option", value="Asia/Calcutta")
    assert "selected" in chosen.attributes
    alice.time_zone = "Atlantis/Capital"
    alice.save()
    assert reader.get(reverse("accounts:account")).status_code == 200
