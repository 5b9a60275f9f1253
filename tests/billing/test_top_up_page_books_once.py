import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import new_request_key, wallet_of
from tests.support.html import Page
from tests.support.providers import FirstPaymentFails
from tests.support.reviews import send

TOP_UP = reverse("billing:top-up")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("25", 25_00),
        ("0.01", 1),
        ("1 000,50", 1000_50),
        ("1,000.50", 1000_50),
        ("1.000,50", 1000_50),
        ("100000", 100_000_00),
    ],
)
def test_what_people_type_is_booked(alices: Client, alice: User, typed: str, minor: int) -> None:
    answer = send(alices, TOP_UP, {"amount": typed, "request_key": new_request_key()})
    assert answer["Location"] == reverse("predictions:transactions")
    assert wallet_of(alice).balance == 100_00 + minor


@pytest.mark.parametrize(
    "typed", ["", "0", "-5", "0.001", "100000.01", "nonsense", "NaN", "Infinity", "1e99", "9" * 5000, "\x00"]
)
def test_bad_amounts_are_refused_beside_the_field(alices: Client, alice: User, typed: str) -> None:
    answer = alices.post(TOP_UP, {"amount": typed, "request_key": new_request_key()})
    assert answer.status_code == 422
    assert Page(answer).by_id("id_amount_error").words
    assert wallet_of(alice).balance == 100_00


def test_a_form_sent_twice_books_once(alices: Client, alice: User) -> None:
    sent = {"amount": "25", "request_key": new_request_key()}
    assert [alices.post(TOP_UP, sent).status_code for _ in range(2)] == [302, 302]
    assert wallet_of(alice).balance == 125_00


def test_another_amount_with_the_same_key_is_asked_about_first(alices: Client, alice: User) -> None:
    sent = {"amount": "25", "request_key": new_request_key()}
    alices.post(TOP_UP, sent)
    answer = alices.post(TOP_UP, sent | {"amount": "30"})
    assert answer.status_code == 422
    assert wallet_of(alice).balance == 125_00
    again = {"amount": "30", "request_key": Page(answer).value_of("request_key")}
    assert alices.post(TOP_UP, again).status_code == 302
    assert wallet_of(alice).balance == 155_00


def test_a_declined_payment_can_be_tried_again(alices: Client, alice: User, settings: Settings) -> None:
    FirstPaymentFails.declined = []
    settings.PAYMENT_PROVIDER = f"{FirstPaymentFails.__module__}.{FirstPaymentFails.__name__}"
    sent = {"amount": "25", "request_key": new_request_key()}
    declined = alices.post(TOP_UP, sent)
    assert declined.status_code == 402
    assert "declined" in Page(declined).all("div", role="alert")[0].words
    assert Entry.objects.filter(kind="top_up").count() == 1, "that of the fixture"
    page = Page(declined)
    again = {"amount": page.value_of("amount"), "request_key": page.value_of("request_key")}
    assert again["amount"] == "25"
    assert alices.post(TOP_UP, again).status_code == 302
    assert wallet_of(alice).balance == 125_00


def test_it_leads_back_to_the_order_that_was_too_dear(alices: Client) -> None:
    order = reverse("predictions:new")
    page = Page(alices.get(TOP_UP, {"next": order}, follow=True))
    kept = [field.attributes["value"] for field in page.all("input", name="next")][-1]
    sent = {"amount": "25", "request_key": new_request_key(), "next": kept}
    assert alices.post(TOP_UP, sent)["Location"] == order


def test_it_leads_to_no_other_host(alices: Client) -> None:
    sent = {"amount": "25", "request_key": new_request_key(), "next": "https://example.org/"}
    assert alices.post(TOP_UP, sent)["Location"] == reverse("predictions:transactions")


def test_amounts_are_one_click_away(alices: Client) -> None:
    page = Page(alices.get(TOP_UP, follow=True))
    assert "?amount=100" in page.links
    assert Page(alices.get(TOP_UP, {"amount": "100"}, follow=True)).value_of("amount") == "100"


@pytest.mark.parametrize(
    ("language", "typed", "told"),
    [("en", "10.000", "1234.50"), ("ru", "1,000", "1234,50"), ("ru", "10.000", "1234,50")],
)
def test_what_may_be_thousands_or_not_is_never_guessed(
    alices: Client, alice: User, typed: str, language: str, told: str
) -> None:
    balance = wallet_of(alice).balance
    form = {"amount": typed, "request_key": new_request_key()}
    answer = alices.post(TOP_UP, form, headers={"Accept-Language": language})
    assert answer.status_code == 422
    assert told in Page(answer).by_id("id_amount_error").words
    assert wallet_of(alice).balance == balance
