from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.support.html import Page
from tests.support.ledger import charge, clock_at, refund
from tests.support.orders import Bought
from tests.support.people import give_money

STATEMENT = reverse("predictions:statement")


@pytest.fixture
def in_december(client: Client, alice: User) -> Iterator[Client]:
    """Alice's browser on 15 December 2026; her money has moved in October and November."""
    with clock_at("2026-10-05T10:00:00Z"):
        give_money(alice, 100_00)
    with clock_at("2026-11-30T23:59:59.999999Z"):
        paid = charge(alice, 30_00)
    with clock_at("2026-12-01T00:00:00Z"):
        refund(paid)
    with clock_at("2026-12-15T12:00:00Z"):
        client.force_login(alice)
        yield client


def months(page: Page) -> list[str]:
    return [option.attributes["value"] for option in page.all("option")]


def chosen(page: Page) -> list[str]:
    return [option.words for option in page.all("option") if "selected" in option.attributes]


def test_it_shows_both_balances_and_what_moved(in_december: Client) -> None:
    answer = in_december.get(STATEMENT, {"month": "2026-11"})
    page = Page(answer)
    rows = [row.words for row in page.all("tr")]
    assert "Opening balance 100.00 USD" in rows
    assert "Charge 1 −30.00 USD" in rows
    assert "Refund 0 0.00 USD" in rows
    assert "Closing balance 1 70.00 USD" in rows
    assert page.all("h1")[0].words == "Statement for November 2026"
    names, values = ([element.words for element in page.all(tag)] for tag in ("dt", "dd"))
    assert dict(zip(names, values, strict=True)) == {
        "Account": "alice",
        "Currency": "USD",
        "Period": "1 November 2026 – 30 November 2026",
        "Generated": "15 December 2026, 12:00 UTC",
    }
    assert "Months and times are in UTC" in answer.content.decode()


def test_times_stay_in_utc(in_december: Client) -> None:
    """In the reader's own zone an entry could stand in another month."""
    answer = in_december.get(STATEMENT, {"month": "2026-11"})
    assert "30 November 2026, 23:59 UTC" in answer.content.decode()
    assert "data-local" not in answer.content.decode()


def test_the_present_month_comes_first_and_is_not_over(in_december: Client) -> None:
    answer = in_december.get(STATEMENT)
    assert months(Page(answer)) == ["2026-12", "2026-11", "2026-10"]
    assert "The month is not over" in answer.content.decode()
    assert "Current balance 1 100.00 USD" in [row.words for row in Page(answer).all("tr")]


def test_months_have_the_names_of_the_readers_language(in_december: Client) -> None:
    page = Page(in_december.get(STATEMENT, {"month": "2026-11"}, headers={"Accept-Language": "ru"}))
    assert chosen(page) == ["Ноябрь 2026"]
    assert page.all("h1")[0].words == "Выписка по операциям ноября 2026 г."
    assert "1 ноября 2026 – 30 ноября 2026" in " ".join(element.words for element in page.all("dl"))


@pytest.mark.parametrize("month", ["nonsense", "2026-13", "2026-09", "2027-01", "99999-01", "\x00"])
def test_a_month_that_is_not_there_is_said_and_the_present_one_shown(in_december: Client, month: str) -> None:
    answer = in_december.get(STATEMENT, {"month": month})
    assert answer.status_code == 200
    assert Page(answer).all("h1")[0].words == "Statement for December 2026"
    assert Page(answer).by_id("id_month_error").words


def test_a_wallet_without_entries_has_its_statement(client: Client, bob: User) -> None:
    client.force_login(bob)
    answer = client.get(STATEMENT)
    assert "No transactions this month." in answer.content.decode()
    assert len(months(Page(answer))) == 1


def test_pages_lead_through_the_month_in_the_order_of_time(in_december: Client, alice: User) -> None:
    with clock_at("2026-11-15T12:00:00Z"):
        wanted = [str(give_money(alice, 1_00 + number).public_id) for number in range(70)]
    first = in_december.get(STATEMENT, {"month": "2026-11"})
    second = in_december.get(first.context["next"])
    shown = [[str(row.public_id) for row in answer.context["rows"]] for answer in (first, second)]
    assert [len(rows) for rows in shown] == [50, 21]
    assert (shown[0] + shown[1])[:70] == wanted
    assert second.context["next"] is None
    assert in_december.get(second.context["previous"]).context["rows"] == first.context["rows"]
    assert second.context["statement"] == first.context["statement"]
    assert "The CSV file has all of them" not in in_december.get(STATEMENT).content.decode()
    assert "The CSV file has all transactions" in first.content.decode()


def test_entries_lead_to_their_prediction(alices: Client, bought: Bought) -> None:
    prediction = bought()
    assert reverse("predictions:detail", args=[prediction.pk]) in Page(alices.get(STATEMENT)).links


def test_it_leads_to_the_file_of_its_month(in_december: Client) -> None:
    links = Page(in_december.get(STATEMENT, {"month": "2026-11"})).links
    assert reverse("predictions:transactions-csv") + "?month=2026-11" in links


def test_strangers_are_asked_to_log_in(client: Client, db: None) -> None:
    for address in (STATEMENT, reverse("predictions:transactions-csv")):
        assert client.get(address)["Location"].startswith(reverse("accounts:login"))


def test_transactions_can_be_filtered_by_month(in_december: Client) -> None:
    address = reverse("predictions:transactions")
    rows = in_december.get(address, {"month": "2026-11"}).context["rows"]
    assert [row.kind for row in rows] == ["charge"]
    both = in_december.get(address, {"month": "2026-11", "kind": "refund"})
    assert both.context["rows"] == []
    assert "No transactions match this filter." in both.content.decode()
    page = Page(in_december.get(address, {"month": "2026-11", "kind": "charge"}))
    assert reverse("predictions:transactions-csv") + "?kind=charge&month=2026-11" in page.links
    assert STATEMENT + "?month=2026-11" in page.links
    assert len(in_december.get(address, {"month": "nonsense"}).context["rows"]) == 3
