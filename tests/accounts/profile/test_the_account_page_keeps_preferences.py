"""Name, language and time zone are those of the account, on all its devices."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from billing.reports.spending import spending_of
from billing.services import wallet_of
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import EXAMPLE
from tests.support.html import Page
from tests.support.people import give_money

ACCOUNT = reverse("accounts:account")
TRANSACTIONS = reverse("predictions:transactions")
SENT = {"name": "Anna Petrova", "language": "ru", "time_zone": "Asia/Tokyo"}


def save(client: Client, **changes: str) -> None:
    assert client.post(ACCOUNT, SENT | changes).status_code == 302


def test_they_are_kept(reader: Client, alice: User) -> None:
    save(reader)
    alice.refresh_from_db()
    assert (alice.get_full_name(), alice.language, alice.time_zone) == ("Anna Petrova", "ru", "Asia/Tokyo")
    assert Page(reader.get(ACCOUNT)).value_of("name") == "Anna Petrova"


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"time_zone": "../etc/passwd"}, {"name": "x" * 151}])
def test_wrong_values_are_refused(reader: Client, alice: User, wrong: dict[str, str]) -> None:
    assert reader.post(ACCOUNT, SENT | wrong).status_code == 422
    alice.refresh_from_db()
    assert alice.time_zone == ""


def test_the_language_wins_over_browser_and_cookie_after_log_in(reader: Client) -> None:
    save(reader)
    for address in (ACCOUNT, reverse("home"), "/there-is-no-such-page"):
        assert Page(reader.get(address, headers={"Accept-Language": "en"})).all("html", lang="ru")
    reader.logout()
    assert Page(reader.get(reverse("home"), headers={"Accept-Language": "en"})).all("html", lang="en")


def dark(client: Client) -> list[str]:
    """When the colors of the dark theme apply."""
    links = [link.attributes for link in Page(client.get(ACCOUNT)).all("link", rel="stylesheet")]
    return [link["media"] for link in links if "dark" in link["href"]]


def test_the_theme_is_that_of_the_system_or_the_chosen_one(reader: Client) -> None:
    assert dark(reader) == ["screen and (prefers-color-scheme: dark)"]
    save(reader, theme="dark")
    assert dark(reader) == ["screen"]
    assert Page(reader.get(ACCOUNT)).all("meta", name="color-scheme", content="dark")
    save(reader, theme="light")
    assert dark(reader) == []
    assert Page(reader.get(ACCOUNT)).all("meta", name="color-scheme", content="light")
    assert reader.post(ACCOUNT, SENT | {"theme": "pink"}).status_code == 422


def test_the_switch_in_the_header_changes_it(reader: Client, alice: User) -> None:
    save(reader)
    reader.post(reverse("set_language"), {"language": "en", "next": ACCOUNT})
    alice.refresh_from_db()
    assert alice.language == "en"
    for unknown in ("nonsense", "de", ""):
        reader.post(reverse("set_language"), {"language": unknown, "next": ACCOUNT})
    alice.refresh_from_db()
    assert alice.language == "en"


def test_times_are_in_the_chosen_zone(reader: Client, alice: User) -> None:
    entry = give_money(alice, 1_00)
    at = entry.created_at.astimezone(UTC)
    shown = Page(reader.get(TRANSACTIONS)).all("time")[0]
    assert shown.words.endswith("UTC")
    assert "data-local" in shown.attributes
    save(reader, language="en")
    shown = Page(reader.get(TRANSACTIONS)).all("time")[0]
    assert shown.words.endswith(f"{(at.hour + 9) % 24:02}:{at:%M}")
    assert "data-local" not in shown.attributes


def test_filters_are_in_the_chosen_zone(reader: Client, alice: User) -> None:
    history = reverse("predictions:history")
    labels = [label.words for label in Page(reader.get(history)).all("label")]
    assert "From (UTC)" in labels
    save(reader, language="en")
    labels = [label.words for label in Page(reader.get(history)).all("label")]
    assert "From (Asia/Tokyo)" in labels


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_filter_can_begin_and_end_with_time_itself(reader: Client, alice: User, zone: str) -> None:
    save(reader, time_zone=zone)
    query = {"since": "0001-01-01", "until": "9999-12-31"}
    assert reader.get(reverse("predictions:history"), query).status_code == 200


def test_a_day_on_which_clocks_go_back_at_midnight_has_all_its_hours(reader: Client, alice: User) -> None:
    save(reader, time_zone="Africa/Cairo", language="en")
    entry = give_money(alice, 50_00)
    prediction = order_prediction(
        user=alice,
        model=ScoringModel.objects.get(slug="logistic-regression"),
        applicant=parse_applicant(EXAMPLE),
        request_key="x",
    ).prediction
    assert entry
    # 23:30 for the second time.
    at = datetime(2026, 10, 29, 21, 30, tzinfo=UTC)
    Prediction.objects.filter(pk=prediction.pk).update(created_at=at)
    history = reverse("predictions:history")
    day = {"since": "2026-10-29", "until": "2026-10-29"}
    assert len(reader.get(history, day).context["rows"]) == 1
    after = {"since": "2026-10-30", "until": "2026-10-30"}
    assert len(reader.get(history, after).context["rows"]) == 0


def test_days_of_spending_begin_at_the_readers_midnight(alice: User) -> None:
    wallet = wallet_of(alice)
    now = datetime(2026, 3, 30, 20, 0, tzinfo=UTC)
    with timezone.override("Asia/Tokyo"):
        assert spending_of(wallet, now).days[-1].date.day == 31
    with timezone.override("Europe/Berlin"):
        # The clocks went forward on the day before.
        assert [day.date.day for day in spending_of(wallet, now, days=3).days] == [28, 29, 30]
    assert not Entry.objects.filter(kind=Entry.Kind.CHARGE).exists()
