"""The Back button of a phone after a payment, with and without JavaScript. No worker runs."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs import audit
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant
from tests.support.browser.visitor import FACTS, PHONE, Look, Visit, Visitor
from tests.support.people import give_money

NEW, COMPARE, TOP_UP = "/predictions/new/", "/comparisons/new/", "/wallet/top-up/"
PAID = "You have already paid for this application"
COMPARISON = 128_00
scripts = pytest.mark.parametrize("javascript", [True, False])


@pytest.fixture
def rich(alice: User) -> User:
    give_money(alice, 1_000_00)
    return alice


def on_a_phone(visit: Visit, user: User, javascript: bool) -> Visitor:
    return visit(Look(width=PHONE, phone=True, javascript=javascript), user)


def charges() -> int:
    assert not [*audit.problems()]
    return Entry.objects.filter(kind=Entry.Kind.CHARGE).count()


def see_that_it_is_paid(customer: Visitor, text: str = PAID) -> None:
    expect(customer.page.locator("h1")).to_have_text(text)
    expect(customer.page.locator("form[data-once]")).to_have_count(0)


def see_the_result(customer: Visitor, address: str) -> None:
    customer.follow("Open the result")
    customer.at(address)


@scripts
@pytest.mark.parametrize(("model", "price"), [("logistic-regression", 0), ("catboost", 100_00)])
def test_an_order(visit: Visit, rich: User, javascript: bool, model: str, price: int) -> None:
    """With the review between, Back leads to it first and then to the form: neither can be paid again."""
    customer = on_a_phone(visit, rich, javascript)
    customer.open(NEW)
    customer.fill_facts()
    customer.choose(model)
    customer.pay()
    if price:
        customer.confirm(price)
    customer.see(".pending")
    result = customer.path
    for _press in range(2 if price else 1):
        customer.page.go_back()
        see_that_it_is_paid(customer)
    see_the_result(customer, result)
    assert charges() == 1


@scripts
def test_a_filled_in_form_such_as_the_example(visit: Visit, rich: User, javascript: bool) -> None:
    customer = on_a_phone(visit, rich, javascript)
    customer.open(NEW + "?example=1")
    customer.pay()
    customer.see(".pending")
    customer.page.go_back()
    see_that_it_is_paid(customer)
    assert charges() == 1


@scripts
def test_an_order_that_is_repeated_with_changes(
    visit: Visit, rich: User, applicant: Applicant, javascript: bool
) -> None:
    model = ScoringModel.objects.get(slug="logistic-regression")
    first = order_prediction(user=rich, model=model, applicant=applicant, request_key="first").prediction
    customer = on_a_phone(visit, rich, javascript)
    customer.open(f"{NEW}?from={first.pk}")
    customer.page.fill("#id_loan_amnt", "7000")
    customer.page.fill("#id_loan_int_rate", "12.5")
    customer.pay()
    customer.see(".pending")
    result = customer.path
    customer.page.go_back()
    see_that_it_is_paid(customer)
    customer.follow("Repeat with changes")
    for name, value in {"loan_amnt": "7000", "loan_int_rate": "12.5", "person_emp_length": "6"}.items():
        customer.see_fact(name, value)
    customer.page.go_back()
    see_the_result(customer, result)
    assert charges() == 2


@scripts
def test_a_comparison(visit: Visit, rich: User, javascript: bool) -> None:
    customer = on_a_phone(visit, rich, javascript)
    customer.open(COMPARE)
    customer.fill_facts()
    customer.pay()
    customer.confirm(COMPARISON)
    customer.see("#comparison")
    result = customer.path
    # Without JavaScript the page loads itself again every second, which may interrupt the way back.
    while customer.path == result:
        customer.page.go_back()
    see_that_it_is_paid(customer)
    customer.page.go_back()
    see_that_it_is_paid(customer)
    see_the_result(customer, result)
    assert charges() == 3


@scripts
@pytest.mark.parametrize(("amount", "reviewed"), [("20", False), ("70", True)])
def test_a_top_up(visit: Visit, alice: User, javascript: bool, amount: str, reviewed: bool) -> None:
    customer = on_a_phone(visit, alice, javascript)
    customer.open(f"{TOP_UP}?next=/predictions/")
    customer.page.fill("#id_amount", amount)
    customer.pay()
    if reviewed:
        customer.confirm(int(amount) * 100)
    customer.at("/predictions/")
    for _press in range(2 if reviewed else 1):
        customer.page.go_back()
        see_that_it_is_paid(customer, "You have already paid this top-up")
    assert wallet_of(alice).balance == int(amount) * 100


@scripts
def test_the_way_back_from_the_review_has_everything(visit: Visit, rich: User, javascript: bool) -> None:
    customer = on_a_phone(visit, rich, javascript)
    customer.open(NEW)
    customer.fill_facts()
    customer.page.fill("#id_label", "Ivanov")
    customer.choose("catboost")
    customer.pay()
    customer.at_review()
    customer.page.go_back()
    for name, value in {**FACTS, "label": "Ivanov"}.items():
        customer.see_fact(name, value)
    expect(customer.page.locator("input[value=catboost]")).to_be_checked()
    customer.page.fill("#id_loan_int_rate", "16")
    customer.pay()
    customer.confirm(100_00)
    customer.see(".pending")
    assert Prediction.objects.get().applicant["loan_int_rate"] == 16
    assert charges() == 1


@scripts
def test_a_page_from_the_browsers_memory_with_other_values(
    visit: Visit, rich: User, javascript: bool
) -> None:
    """A browser may show the old page unchanged: here the form is sent past the page."""
    customer = on_a_phone(visit, rich, javascript)
    customer.open(NEW)
    customer.fill_facts()
    # `page.evaluate` works without JavaScript, too.
    customer.page.locator("form.order").evaluate(
        "form => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})"
    )
    assert charges() == 1
    customer.page.fill("#id_loan_amnt", "7000")
    customer.pay()
    expect(customer.page.locator("[role=alert]")).to_contain_text("You have already paid for this form")
    for name, value in {**FACTS, "loan_amnt": "7000"}.items():
        customer.see_fact(name, value)
    assert charges() == 1
    customer.pay()
    customer.see(".pending")
    assert charges() == 2


def test_a_page_from_the_browsers_memory_is_loaded_again(visit: Visit, rich: User) -> None:
    """The event that browsers send when they restore a page."""
    customer = on_a_phone(visit, rich, True)
    customer.open(NEW + "?example=1")
    customer.page.evaluate("document.querySelector('form.order').dataset.sent = 'yes'")
    customer.page.locator("form.order").evaluate(
        "form => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})"
    )
    customer.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    see_that_it_is_paid(customer)


def test_what_was_sent_is_not_restored_into_another_form(visit: Visit, rich: User) -> None:
    """The answer is lost, and a new form must not look like the one that was paid."""
    customer = on_a_phone(visit, rich, True)
    customer.open(NEW)
    customer.fill_facts()
    customer.page.route(re.compile("/predictions/new/"), lambda route: (route.fetch(), route.abort())[1])
    customer.pay()
    customer.page.wait_for_url(re.compile("chrome-error"))
    customer.page.unroute_all()
    assert charges() == 1
    customer.open(NEW)
    expect(customer.page.locator("#id_loan_amnt")).to_have_value("")
