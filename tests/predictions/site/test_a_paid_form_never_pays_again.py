"""What the browser's Back button, a reload or a restored tab asks the server for, once a form is paid."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Entry
from predictions.models import Comparison, Prediction
from predictions.orders.predictions import cancel_prediction
from tests.support.customers import Form
from tests.support.form_drafts import shown
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import give_money
from tests.support.reviews import send

NEW, COMPARE = reverse("predictions:new"), reverse("predictions:comparison-new")
BOTH = pytest.mark.parametrize("address", [NEW, COMPARE])


@pytest.fixture
def buyer(alices: Client, alice: User) -> Client:
    give_money(alice, 1_000_00)
    return alices


@pytest.fixture
def typed(form: Form) -> Form:
    """Fits both forms; optional fields are given, too."""
    return form | {"price": 128_00, "label": "Ivanov", "person_emp_length": "4.5", "loan_int_rate": "11.25"}


def opened(client: Client, address: str) -> tuple[str, str]:
    """The address that the form has once it is open, and its request key."""
    answer: Any = client.get(address, follow=True)
    return answer.redirect_chain[-1][0], shown(answer)["request_key"]


def charges() -> int:
    return Entry.objects.filter(kind=Entry.Kind.CHARGE).count()


def page_of_the_order() -> str:
    comparison = Comparison.objects.first()
    name, pk = ("comparison", comparison.pk) if comparison else ("detail", Prediction.objects.get().pk)
    return reverse(f"predictions:{name}", args=[pk])


@BOTH
@pytest.mark.parametrize("query", ["", "?example=1"])
def test_its_address_leads_to_the_result_and_has_no_form(
    buyer: Client, typed: Form, address: str, query: str
) -> None:
    place, key = opened(buyer, address + query)
    assert send(buyer, place, typed | {"request_key": key}).status_code == 302
    paid = charges()
    answer = buyer.get(place)
    page = Page(answer)
    assert "You have already paid for this application" in page.all("h1")[0].words
    assert page_of_the_order() in page.links
    assert not page.all("form", class_="order")
    assert "no-store" in answer["Cache-Control"]
    assert page.all("section", class_="panel stack")[0].attributes["data-clear-draft"]
    assert_usable(answer)
    assert_obeys(answer)
    assert charges() == paid


@BOTH
def test_it_can_be_repeated_with_everything_restored_and_a_new_key(
    buyer: Client, typed: Form, address: str
) -> None:
    place, key = opened(buyer, address)
    send(buyer, place, typed | {"request_key": key})
    repeat = next(link for link in Page(buyer.get(place)).links if "?from=" in link)
    again = shown(buyer.get(repeat, follow=True))
    for name in ("person_emp_length", "loan_int_rate", "label", "loan_grade", "loan_amnt"):
        assert again[name].replace(",", "") == typed[name]
    assert again["request_key"] != key


@BOTH
def test_a_repeat_that_was_paid_leads_to_its_own_result(
    buyer: Client, typed: Form, bought: Bought, address: str
) -> None:
    place, key = opened(buyer, f"{address}?from={bought().pk}")
    ordered = send(buyer, place, typed | {"request_key": key, "loan_amnt": "7654"})
    assert ordered["Location"] in Page(buyer.get(place)).links


@BOTH
def test_the_same_form_again_gives_the_same_order(buyer: Client, typed: Form, address: str) -> None:
    first = send(buyer, address, typed)
    paid = charges()
    second = buyer.post(address, typed)
    assert (first["Location"], charges()) == (second["Location"], paid)


@BOTH
def test_other_values_are_a_new_order_only_knowingly_and_only_once(
    buyer: Client, typed: Form, address: str
) -> None:
    send(buyer, address, typed)
    paid, first = charges(), page_of_the_order()
    edited = typed | {"loan_amnt": "5000", "person_emp_length": ""}
    asked = buyer.post(address, edited)
    page = Page(asked)
    assert (asked.status_code, charges()) == (422, paid)
    note = page.all("div", role="alert")[0]
    assert "You have already paid for this form" in note.words
    assert first in page.links
    values = shown(asked)
    assert values["loan_amnt"] == "5,000"
    for name in ("person_emp_length", "label", "loan_grade"):
        assert values[name] == edited[name]
    assert values["request_key"] != typed["request_key"]
    assert_usable(asked)
    new = edited | {"request_key": values["request_key"]}
    second = send(buyer, page.all("form", class_="order")[0].attributes["action"], new)
    assert charges() == 2 * paid
    # The browser sends the first edited form once more, for example when that page is loaded again.
    again = buyer.post(address, edited)
    assert (again.status_code, again["Location"], charges()) == (302, second["Location"], 2 * paid)


@BOTH
def test_other_values_lead_to_an_order_of_these_values_only(buyer: Client, typed: Form, address: str) -> None:
    """A is paid, B is asked about and edited to C, and the page with B is sent once more."""
    send(buyer, address, typed)
    price, edited = charges(), typed | {"loan_amnt": "5000"}
    second = shown(buyer.post(address, edited))["request_key"]
    send(buyer, address, edited | {"loan_amnt": "6000", "request_key": second})
    asked = buyer.post(address, edited)
    assert (asked.status_code, charges()) == (422, 2 * price)
    third = shown(asked)["request_key"]
    assert third not in (typed["request_key"], second)
    placed = send(buyer, address, edited | {"request_key": third})
    assert buyer.post(address, edited)["Location"] == placed["Location"]
    assert charges() == 3 * price


def test_another_model_leads_to_an_order_of_this_model_only(buyer: Client, typed: Form) -> None:
    send(buyer, NEW, typed)
    forest = typed | {"model": "random-forest"}
    second = shown(buyer.post(NEW, forest))["request_key"]
    send(buyer, NEW, typed | {"model": "catboost", "request_key": second})
    assert (buyer.post(NEW, forest).status_code, charges()) == (422, 2)


def test_an_order_that_was_refunded_is_not_called_paid(buyer: Client, typed: Form) -> None:
    place, key = opened(buyer, NEW)
    send(buyer, place, typed | {"request_key": key})
    cancel_prediction(Prediction.objects.get())
    assert "This application was refunded" in Page(buyer.get(place)).all("h1")[0].words


@BOTH
def test_the_key_of_another_customer_is_an_unused_one(
    buyer: Client, bob: User, typed: Form, client: Client, address: str
) -> None:
    place, key = opened(buyer, address)
    send(buyer, place, typed | {"request_key": key})
    client.force_login(bob)
    assert shown(client.get(place))["request_key"] == key


@pytest.mark.parametrize(
    "key", [pytest.param("", id="none"), pytest.param("x", id="no key"), pytest.param("\x00", id="NUL")]
)
def test_a_form_without_a_good_key_gets_one_in_its_address(buyer: Client, key: str) -> None:
    answer = buyer.get(NEW, {"example": "1", "form": key})
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{NEW}?example=1&form=")
    page = buyer.get(answer["Location"])
    assert shown(page)["request_key"] in answer["Location"]
    assert shown(page)["loan_amnt"] == "9,000"


def test_a_reload_keeps_the_key(buyer: Client) -> None:
    place, key = opened(buyer, NEW)
    assert shown(buyer.get(place))["request_key"] == key


def test_a_key_that_paid_for_something_else_charges_nothing(buyer: Client, typed: Form) -> None:
    """There is no order to lead to."""
    assert send(buyer, reverse("billing:top-up"), typed | {"amount": "10"}).status_code == 302
    answer = buyer.post(NEW, typed)
    assert (answer.status_code, charges()) == (422, 0)
    assert "This form is out of date. Check it and send it again." in Page(answer).by_id("main").words
    assert shown(answer)["request_key"] != typed["request_key"]
