"""A top-up form that comes back after its payment."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key, wallet_of
from tests.support.customers import Form
from tests.support.form_drafts import shown
from tests.support.html import Page

TOP_UP, NEW = reverse("billing:top-up"), reverse("predictions:new")


def test_a_form_that_is_sent_again_leads_to_the_paid_page_and_says_nothing_was_added(alices: Client) -> None:
    sent = {"amount": "25", "request_key": new_request_key()}
    first: Any = alices.post(TOP_UP, sent, follow=True)
    assert "25.00 USD added to your balance." in first.content.decode().replace("\u00a0", " ")
    again: Any = alices.post(TOP_UP, sent, follow=True)
    assert again.redirect_chain == [(f"{TOP_UP}?form={sent['request_key']}", 302)]
    assert "added to your balance." not in again.content.decode().split("<h1>")[0]
    assert "You have already paid this top-up" in Page(again).all("h1")[0].words


def test_the_same_amount_leads_to_the_payment_of_that_amount_only(alices: Client, alice: User) -> None:
    """20 is paid, 30 is asked about and edited to 40, and the page with 30 is sent once more."""
    sent = {"amount": "20", "request_key": new_request_key()}
    alices.post(TOP_UP, sent)
    second = shown(alices.post(TOP_UP, sent | {"amount": "30"}))["request_key"]
    alices.post(TOP_UP, {"amount": "40", "request_key": second})
    asked = alices.post(TOP_UP, sent | {"amount": "30"})
    assert asked.status_code == 422
    third = shown(asked)["request_key"]
    assert third not in (sent["request_key"], second)
    assert wallet_of(alice).balance == 160_00
    alices.post(TOP_UP, {"amount": "30", "request_key": third})
    again = alices.post(TOP_UP, sent | {"amount": "30"})
    assert again["Location"] == f"{TOP_UP}?form={third}"
    assert wallet_of(alice).balance == 190_00


def test_a_key_that_has_paid_for_an_order_is_told(alices: Client, alice: User, form: Form) -> None:
    assert alices.post(NEW, form).status_code == 302
    answer = alices.post(TOP_UP, {"amount": "20", "request_key": form["request_key"]})
    page = Page(answer)
    assert answer.status_code == 422
    assert "This form is out of date. Check it and send it again." in page.by_id("main").words
    assert shown(answer)["request_key"] != form["request_key"]
    assert wallet_of(alice).balance == 90_00
