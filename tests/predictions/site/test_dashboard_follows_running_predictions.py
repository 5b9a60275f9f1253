from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.orders import comparisons
from predictions.scoring.schema import Applicant
from tests.support.html import Page
from tests.support.orders import UNLOADABLE, Bought
from tests.support.people import give_money

OVERVIEW = reverse("predictions:dashboard")


def seen_by(answer: Any) -> str:
    """What the page asks for the next time."""
    asked = Page(answer).by_id("pending").attributes["hx-get"]
    address, _, seen = asked.partition("?seen=")
    assert address == OVERVIEW
    return seen


def poll(client: Client, seen: str) -> Any:
    return client.get(OVERVIEW, {"seen": seen}, headers={"HX-Request": "true"})


def test_what_waits_is_listed_the_newest_first(alices: Client, bought: Bought) -> None:
    bought()
    waiting = [bought(run=False) for _ in range(7)]
    answer = alices.get(OVERVIEW)
    links = [
        element.attributes["href"]
        for element in Page(answer).all("a")
        if element.attributes.get("id", "").startswith("pending-")
    ]
    newest = waiting[:1:-1]
    assert links == [reverse("predictions:detail", args=[prediction.pk]) for prediction in newest]
    section = Page(answer).by_id("pending").words
    assert "7 predictions" in section
    assert "The newest 5 are shown." in section


def test_running_ones_are_listed_with_queued_ones(alices: Client, bought: Bought) -> None:
    running_one, queued = bought(run=False), bought(run=False)
    Prediction.objects.filter(pk=running_one.pk).update(status="running")
    page = Page(alices.get(OVERVIEW))
    assert "Queued" in page.by_id("pending").words
    assert "In progress" in page.all("span", class_="status running")[0].words
    cancels = {form.attributes["action"] for form in page.all("form")}
    assert reverse("predictions:cancel", args=[queued.pk]) in cancels
    assert reverse("predictions:cancel", args=[running_one.pk]) not in cancels


def test_nothing_is_asked_for_while_nothing_waits(alices: Client, bought: Bought) -> None:
    bought()
    page = Page(alices.get(OVERVIEW))
    assert not [element for element in page.elements if "hx-get" in element.attributes]
    assert not page.all("meta", http_equiv="refresh")


def test_without_javascript_the_page_loads_itself_again(alices: Client, bought: Bought) -> None:
    bought(run=False)
    assert Page(alices.get(OVERVIEW)).all("meta", http_equiv="refresh")


def test_a_poll_without_news_changes_nothing(alices: Client, bought: Bought) -> None:
    bought(run=False)
    assert poll(alices, seen_by(alices.get(OVERVIEW))).status_code == 204


def test_the_end_brings_the_results_and_the_balance_and_the_asking_ends(
    alices: Client, bought: Bought
) -> None:
    prediction = bought(run=False)
    seen = seen_by(alices.get(OVERVIEW))
    worker.score_queued()
    answer = poll(alices, seen)
    page = Page(answer)
    assert not page.all("html")
    assert "hx-get" not in page.by_id("pending").attributes
    for name in ("balance", "money", "latest-part"):
        assert page.by_id(name).attributes["hx-swap-oob"] == "true"
    assert "Completed" in page.by_id("latest-part").words
    assert reverse("predictions:detail", args=[prediction.pk]) in page.links
    news = page.by_id("pending-news")
    assert news.attributes["hx-swap-oob"] == "innerHTML"
    assert news.words == "All predictions are finished."
    assert "HX-Request" in answer["Vary"]


def test_the_place_that_is_read_aloud_stays_while_its_words_change(alices: Client, bought: Bought) -> None:
    bought(run=False)
    page = Page(alices.get(OVERVIEW))
    assert page.by_id("pending-news").attributes["role"] == "status"
    assert page.by_id("pending-news").words == ""


def test_one_that_begins_is_news(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    seen = seen_by(alices.get(OVERVIEW))
    Prediction.objects.filter(pk=prediction.pk).update(status="running")
    answer = poll(alices, seen)
    assert Page(answer).all("span", class_="status running")
    assert poll(alices, seen_by(answer)).status_code == 204


def test_money_that_came_back_is_drawn_at_once_and_otherwise_the_open_table_stays(
    alices: Client, alice: User, bought: Bought
) -> None:
    fine, broken = bought(run=False), bought(run=False)
    seen = seen_by(alices.get(OVERVIEW))
    Prediction.objects.filter(pk=fine.pk).update(status="running")
    answer = poll(alices, seen)
    assert not [element for element in Page(answer).elements if element.attributes.get("id") == "spending"]
    Prediction.objects.filter(pk=fine.pk).update(status="queued")
    Prediction.objects.filter(pk=broken.pk).update(**UNLOADABLE)
    worker.score_queued()
    assert Entry.objects.filter(kind="refund").count() == 1
    page = Page(poll(alices, seen_by(answer)))
    assert page.by_id("spending").attributes["hx-swap-oob"] == "true"
    assert "10.00 USD refunded" in page.by_id("spending").words
    assert "290.00 USD" in page.by_id("balance").words


def test_a_queued_one_can_be_canceled_from_here(alices: Client, alice: User, bought: Bought) -> None:
    prediction = bought(run=False)
    balance = wallet_of(alice).balance
    sent = {
        "next": Page(alices.get(OVERVIEW)).all("input", name="next", value=OVERVIEW)[0].attributes["value"]
    }
    answer = alices.post(reverse("predictions:cancel", args=[prediction.pk]), sent)
    assert answer["Location"] == OVERVIEW
    assert wallet_of(alice).balance == balance + 10_00


def test_cancel_leads_to_no_other_host(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    answer = alices.post(reverse("predictions:cancel", args=[prediction.pk]), {"next": "//example.org/"})
    assert answer["Location"] == reverse("predictions:detail", args=[prediction.pk])


def test_parts_of_a_comparison_lead_to_it_and_cannot_be_canceled(
    alices: Client, alice: User, applicant: Applicant
) -> None:
    give_money(alice, 500_00)
    comparison = comparisons.order_comparison(
        user=alice, applicant=applicant, request_key="key", agreed_price=None
    )
    page = Page(alices.get(OVERVIEW))
    assert page.by_id("pending").words.count("part of a comparison") == 3
    assert reverse("predictions:comparison", args=[comparison.pk]) in page.links
    assert not [form for form in page.all("form") if "cancel" in form.attributes["action"]]


def test_somebody_elses_are_not_shown(client: Client, bob: User, bought: Bought) -> None:
    bought(run=False)
    client.force_login(bob)
    page = Page(client.get(OVERVIEW))
    assert not [element for element in page.elements if element.attributes.get("id") == "pending"]


def test_when_the_session_is_over_the_asking_is_sent_to_the_log_in(client: Client, bought: Bought) -> None:
    """By another path than it asked for the page knows."""
    assert poll(client, "1")["Location"].startswith(reverse("accounts:login"))
