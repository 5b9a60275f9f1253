"""A large top-up is shown once more, and one that was paid leads nowhere near a second payment."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.services import new_request_key, wallet_of
from tests.support.form_drafts import Browser, log_in, shown
from tests.support.html import Page
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.reviews import leads_to_review, press_pay, send

TOP_UP = reverse("billing:top-up")


def typed(amount: str) -> dict[str, object]:
    return {"amount": amount, "request_key": new_request_key()}


def place_of(key: object) -> str:
    return f"{TOP_UP}?form={key}"


@pytest.mark.parametrize(
    ("limit", "amount", "reviewed"),
    [(50_00, "49.99", False), (50_00, "50", True), (0, "0.01", True), (100_000_01, "100000", False)],
)
def test_from_which_amount(
    alices: Client, alice: User, settings: Settings, limit: int, amount: str, reviewed: bool
) -> None:
    settings.CONFIRM_FROM = limit
    assert leads_to_review(alices.post(TOP_UP, typed(amount))) is reviewed
    assert (wallet_of(alice).balance == 100_00) is reviewed


@pytest.mark.parametrize(
    ("amount", "text"),
    [("", "Pay"), ("49.99", "Pay"), ("50", "Continue"), ("1,000", "Continue"), ("x", "Pay")],
)
def test_the_button_of_a_large_one_does_not_say_that_it_pays(alices: Client, amount: str, text: str) -> None:
    page = Page(alices.get(TOP_UP, {"amount": amount}, follow=True))
    (button,) = [found for found in page.all("button") if "data-review-from" in found.attributes]
    assert (button.words, button.attributes["data-review-from"]) == (text, "50")


def test_the_review_names_the_amount_and_the_balance_and_pays_once(alices: Client, alice: User) -> None:
    address = alices.post(f"{TOP_UP}?next=/predictions/", typed("1 000,50"))["Location"]
    review = alices.get(address)
    text = review.content.decode().replace("\u00a0", " ")
    assert "1,000.50 USD" in text
    assert "1,100.50 USD" in text
    assert_usable(review)
    assert_obeys(review)
    assert wallet_of(alice).balance == 100_00
    answers = [press_pay(alices, review) for _number in range(2)]
    paid = address.replace("&review=1", "")
    assert [answer["Location"] for answer in answers] == ["/predictions/", paid]
    assert wallet_of(alice).balance == 1_100_50


@pytest.mark.parametrize(
    "changes", [{"amount": "2000"}, {"reviewed": ""}, {"request_key": new_request_key()}]
)
def test_the_button_pays_exactly_what_was_shown(
    alices: Client, alice: User, changes: dict[str, object]
) -> None:
    review = alices.get(alices.post(TOP_UP, typed("1000"))["Location"])
    assert leads_to_review(press_pay(alices, review, **changes))
    assert wallet_of(alice).balance == 100_00


def test_the_way_back_has_the_amount(alices: Client) -> None:
    sent = typed("1 000,50")
    alices.post(TOP_UP, sent)
    assert shown(alices.get(place_of(sent["request_key"])))["amount"] == "1 000,50"


@pytest.mark.parametrize("amount", ["20", "200"])
def test_a_paid_form_leads_to_no_form(alices: Client, amount: str) -> None:
    sent = typed(amount)
    send(alices, TOP_UP, sent)
    answer = alices.get(place_of(sent["request_key"]) + "&next=/predictions/")
    page = Page(answer)
    assert "You have already paid this top-up" in page.all("h1")[0].words
    assert "/predictions/" in page.links
    assert not page.all("input", name="amount")
    assert_usable(answer)
    assert_obeys(answer)


def test_another_amount_is_asked_about_and_paid_once_however_often_it_is_sent(
    alices: Client, alice: User
) -> None:
    sent = typed("20")
    send(alices, TOP_UP, sent)
    other = sent | {"amount": "30"}
    asked: Any = alices.post(TOP_UP, other)
    assert asked.status_code == 422
    assert "20.00" in Page(asked).all("div", role="alert")[0].words
    assert shown(asked)["amount"] == "30"
    send(alices, TOP_UP, other | {"request_key": shown(asked)["request_key"]})
    assert alices.post(TOP_UP, other).status_code == 302
    assert wallet_of(alice).balance == 150_00


def test_a_session_that_ends_during_the_review_loses_nothing(ended: Browser, alice: User) -> None:
    review = ended.client.get(ended.post(TOP_UP, typed("200"))["Location"])
    ended.client.session.flush()
    answer = press_pay(ended.client, review)
    assert answer.status_code == 403
    assert shown(ended.get(log_in(ended, answer)["Location"]))["amount"] == "200"
    assert wallet_of(alice).balance == 100_00


def test_a_review_of_nothing_leads_to_the_form(alices: Client) -> None:
    address = place_of(new_request_key())
    assert alices.get(f"{address}&review=1")["Location"] == address
