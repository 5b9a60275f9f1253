"""Warnings about values outside the training range, beside the field and at the price."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from billing.models import Entry
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit
from tests.support.people import give_money


@pytest.mark.parametrize("address", ["/predictions/new/", "/comparisons/new/"])
def test_as_soon_as_the_value_is_left(visit: Visit, alice: User, address: str) -> None:
    give_money(alice, 1_000_00)
    customer = visit(Look(), alice)
    customer.open(f"{address}?example=1")
    page = customer.page
    caution, summary = page.locator("#id_person_age_caution"), page.locator("[data-cautions]")
    expect(caution).to_have_text("")
    expect(summary).to_be_hidden()
    page.fill("#id_person_age", "95")
    page.keyboard.press("Tab")
    expect(caution).to_contain_text("the models were trained on 20–80")
    expect(summary.locator("li")).to_have_count(1)
    expect(page.locator("#id_person_age")).not_to_have_attribute("aria-invalid", "true")
    page.fill("#id_person_income", "10000")
    page.keyboard.press("Tab")
    expect(page.locator("#id_loan_percent_income_caution")).to_contain_text("83%")
    expect(summary.locator("li")).to_have_count(2)
    page.fill("#id_person_age", "80")
    page.keyboard.press("Tab")
    expect(caution).to_have_text("")
    expect(summary.locator("li")).to_have_count(1)


def test_a_value_that_was_refused_has_its_error_alone(visit: Visit, alice: User) -> None:
    give_money(alice, 100_00)
    customer = visit(Look(), alice)
    customer.open("/predictions/new/?example=1")
    customer.page.fill("#id_person_age", "12")
    customer.pay()
    customer.see("#id_person_age_error")
    expect(customer.page.locator("#id_person_age_caution")).to_have_text("")
    expect(customer.page.locator("[data-cautions]")).to_be_hidden()
    customer.page.fill("#id_person_age", "95")
    customer.page.keyboard.press("Tab")
    expect(customer.page.locator("#id_person_age_caution")).to_contain_text("20–80")


@pytest.mark.parametrize("javascript", [True, False])
def test_nothing_is_paid_before_the_warning_was_shown(visit: Visit, alice: User, javascript: bool) -> None:
    give_money(alice, 100_00)
    customer = visit(Look("ru", javascript=javascript), alice)
    customer.open("/predictions/new/?example=1")
    customer.page.fill("#id_person_age", "95")
    customer.pay()
    customer.at_review()
    expect(customer.page.locator("main")).to_contain_text("20–80")
    assert not Entry.objects.filter(kind=Entry.Kind.CHARGE).exists()
    customer.confirm(10_00)
    customer.see(".pending")
    assert Entry.objects.filter(kind=Entry.Kind.CHARGE).count() == 1


@pytest.mark.parametrize("phone", [True, False])
def test_a_warning_does_not_push_the_button_away_while_it_is_pressed(
    visit: Visit, alice: User, phone: bool
) -> None:
    give_money(alice, 100_00)
    customer = visit(Look(width=PHONE if phone else DESKTOP, phone=phone), alice)
    customer.open("/predictions/new/?example=1")
    customer.page.fill("#id_person_age", "95")
    customer.pay()
    customer.at_review()


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_in_a_field_pays_nothing(visit: Visit, alice: User, javascript: bool) -> None:
    """With JavaScript it leads to the next field, otherwise to the review."""
    give_money(alice, 1_000_00)
    customer = visit(Look(javascript=javascript), alice)
    for address in ("/predictions/new/?example=1", "/comparisons/new/?example=1"):
        customer.open(address)
        for name, following in (
            ("#id_person_income", "#id_person_home_ownership input:checked"),
            ("#id_label", "[data-pay]"),
        ):
            customer.page.focus(name)
            customer.page.keyboard.press("Enter")
            if not javascript:
                break
            expect(customer.page.locator(following)).to_be_focused()
        if not javascript:
            customer.at_review()
    customer.open("/wallet/top-up/?amount=50")
    customer.page.focus("#id_amount")
    customer.page.keyboard.press("Enter")
    customer.at_review()
    assert Entry.objects.count() == 1
