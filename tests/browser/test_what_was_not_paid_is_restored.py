"""What a refused order, or one that was left at its review, had is in the next form. No worker runs."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from accounts.models import User
from billing.services import charge
from tests.support.browser.visitor import FACTS, Visit, Visitor
from tests.support.people import give_money

NEW, COMPARE = "/predictions/new/", "/comparisons/new/"


@pytest.fixture
def customer(visit: Visit, alice: User) -> Visitor:
    give_money(alice, 200_00)
    visitor: Visitor = visit(None, alice)
    return visitor


def see_restored(customer: Visitor, facts: dict[str, str]) -> None:
    """After another page, in a form with another key."""
    customer.open("/models/")
    customer.open(NEW)
    for name, value in facts.items():
        customer.see_fact(name, value)
    expect(customer.page.locator("[data-restored]")).to_be_visible()


def test_wrong_values(customer: Visitor) -> None:
    customer.open(NEW)
    customer.fill_facts()
    customer.page.fill("#id_person_age", "abc")
    customer.pay()
    customer.see("[role=alert]")
    see_restored(customer, FACTS | {"person_age": "abc"})


def test_an_order_that_is_too_dear(customer: Visitor, alice: User) -> None:
    customer.open(NEW)
    customer.fill_facts()
    customer.choose("catboost")
    with transaction.atomic():
        charge(user=alice, amount=150_00, request_key="elsewhere")
    customer.pay()
    customer.at_review()
    expect(customer.page.locator("main")).to_contain_text("Insufficient funds")
    see_restored(customer, FACTS)
    expect(customer.page.locator("input[value=catboost]")).to_be_checked()


@pytest.mark.parametrize("back", [False, True])
def test_an_order_that_is_left_at_its_review(customer: Visitor, back: bool) -> None:
    customer.open(NEW)
    customer.fill_facts()
    customer.choose("random-forest")
    customer.page.fill("#id_label", "Ivanov")
    customer.pay()
    customer.at_review()
    if back:
        customer.follow("Back to edit")
        expect(customer.page.locator("#id_label")).to_have_value("Ivanov")
    see_restored(customer, FACTS | {"label": "Ivanov"})
    expect(customer.page.locator("input[value=random-forest]")).to_be_checked()


def test_a_comparison_that_is_left_at_its_review(customer: Visitor) -> None:
    customer.open(COMPARE)
    customer.fill_facts()
    customer.pay()
    customer.at_review()
    see_restored(customer, FACTS)


def test_a_review_that_was_sent_is_not_restored(customer: Visitor) -> None:
    """The answer is lost: the order may be paid."""
    customer.open(NEW)
    customer.fill_facts()
    customer.choose("random-forest")
    customer.pay()
    customer.at_review()
    customer.page.route(re.compile("/predictions/new/"), lambda route: (route.fetch(), route.abort())[1])
    customer.confirm(50_00)
    customer.page.wait_for_url(re.compile("chrome-error"))
    customer.page.unroute_all()
    customer.open(NEW)
    expect(customer.page.locator("#id_loan_amnt")).to_have_value("")


def test_an_example_that_was_not_sent_is_not_restored(customer: Visitor) -> None:
    customer.open(NEW + "?example=1")
    customer.open(NEW)
    expect(customer.page.locator("#id_loan_amnt")).to_have_value("")
