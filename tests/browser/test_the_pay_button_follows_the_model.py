"""With too little money for the chosen model, the button tops up the difference and pays."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from billing.models import Entry
from tests.support.browser.visitor import Look, Visit
from tests.support.people import give_money


@pytest.mark.parametrize("javascript", [True, False])
def test_one_press_leads_to_the_order(visit: Visit, alice: User, javascript: bool) -> None:
    give_money(alice, 4_00)
    customer = visit(Look(javascript=javascript), alice)
    customer.open("/predictions/new/?example=1")
    if javascript:
        customer.choose("random-forest")
        # Which is reviewed first.
        expect(customer.page.locator("[data-pay]")).to_have_text("Continue")
        expect(customer.page.locator(".payment")).to_contain_text("+46.00")
        customer.choose("logistic-regression")
    customer.page.get_by_role("button", name="Top up 6.00 USD and pay").click()
    customer.see(".pending")
    expect(customer.page.locator("main")).to_contain_text("6.00\u00a0USD added to your balance.")
    amounts = Entry.objects.order_by("created_at").values_list("amount", flat=True)
    assert list(amounts) == [4_00, 6_00, -10_00]
