"""The number of the what-if is seen while the facts are changed, on a phone and on a wide screen."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from predictions.results import explanations
from tests.support.addresses import page_of
from tests.support.browser.visitor import PHONE, Look, Visit
from tests.support.orders import Bought

NOW = "#what-if-answer .now"


@pytest.mark.parametrize("javascript", [True, False])
def test_in_a_sheet_on_a_phone(visit: Visit, alice: User, bought: Bought, javascript: bool) -> None:
    prediction = bought()
    explanations.explain_and_store([prediction])
    customer = visit(Look(width=PHONE, phone=True, javascript=javascript), alice)
    customer.open(page_of(prediction))
    expect(customer.page.locator("#result .horizon-number")).to_be_in_viewport()
    expect(customer.page.locator("#what_if_loan_amnt")).to_be_hidden()
    customer.open_what_if()
    customer.page.fill("#what_if_loan_amnt", "3000")
    if not javascript:
        customer.press("Recalculate")
    customer.see(NOW)
    customer.page.locator("#what_if_loan_grade").scroll_into_view_if_needed()
    expect(customer.page.locator("#what_if_loan_grade")).to_be_in_viewport()
    expect(customer.page.locator(NOW)).to_be_in_viewport(ratio=1)


def test_beside_the_explanation_on_a_wide_screen(visit: Visit, alice: User, bought: Bought) -> None:
    prediction = bought()
    explanations.explain_and_store([prediction])
    customer = visit(Look(), alice)
    customer.open(page_of(prediction))
    customer.page.fill("#what_if_loan_amnt", "3000")
    customer.see(NOW)
    customer.page.locator(".waterfall tr").last.scroll_into_view_if_needed()
    expect(customer.page.locator(NOW)).to_be_in_viewport(ratio=1)
    expect(customer.page.locator("#what-if-answer .ghost")).to_be_visible()
