from dataclasses import replace

from playwright.sync_api import expect

from accounts.models import User
from predictions.models import Prediction
from tests.support.browser.visitor import DESKTOP, FACTS, Look, Visit
from tests.support.people import give_money


def test_and_what_was_typed(visit: Visit, alice: User) -> None:
    customer = visit(Look("en"), alice)
    customer.open("/predictions/new/?model=catboost")
    page = customer.path
    customer.choose("random-forest")
    customer.fill_facts()
    customer.page.click("form.language button")
    expect(customer.page.locator("html")).to_have_attribute("lang", "ru")
    assert customer.path == page
    customer.look = replace(customer.look, language="ru")
    for name, value in FACTS.items():
        customer.see_fact(name, value)
    expect(customer.page.locator("input[value=random-forest]")).to_be_checked()


def test_filters_and_the_next_visit(visit: Visit, alice: User) -> None:
    customer = visit(Look("ru", DESKTOP, javascript=False), alice)
    customer.open("/predictions/?status=failed")
    customer.page.click("form.language button")
    expect(customer.page.locator("html")).to_have_attribute("lang", "en")
    assert customer.path == "/predictions/?status=failed"
    customer.open("/")
    expect(customer.page.locator("html")).to_have_attribute("lang", "en")


def test_a_decimal_comma_is_understood(visit: Visit, alice: User) -> None:
    """In the order and in the share of income that the page works out while one types."""
    give_money(alice, 100_00)
    customer = visit(Look("ru"), alice)
    customer.open("/predictions/new/")
    customer.fill_facts()
    customer.page.fill("#id_loan_amnt", "12 000")
    expect(customer.page.locator("#id_loan_percent_income")).to_have_text("28,6\u00a0%")
    customer.choose("logistic-regression")
    customer.pay()
    customer.see(".pending")
    facts = Prediction.objects.get().applicant
    assert (facts["loan_amnt"], facts["loan_int_rate"], facts["person_emp_length"]) == (12_000, 15.25, 1.5)
