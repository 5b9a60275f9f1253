from playwright.sync_api import expect

from accounts.models import User
from predictions.results import explanations
from tests.support.addresses import page_of
from tests.support.browser.visitor import Look, Visit
from tests.support.orders import Bought


def test_until_one_is_typed(visit: Visit, alice: User, bought: Bought) -> None:
    prediction = bought(loan_int_rate=None)
    explanations.explain_and_store([prediction])
    customer = visit(Look(), alice)
    customer.open(page_of(prediction))
    slider = customer.page.locator("#what_if_loan_int_rate_slider")
    expect(customer.page.locator("#what_if_loan_amnt_slider")).to_be_visible()
    expect(slider).to_be_hidden()
    customer.page.fill("#what_if_loan_int_rate", "12")
    expect(slider).to_be_visible()
    customer.page.fill("#what_if_loan_int_rate", "")
    expect(slider).to_be_hidden()
