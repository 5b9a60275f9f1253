import pytest
from playwright.sync_api import expect

from accounts.models import AccountSession as Session
from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from tests.support.browser.visitor import FACTS, Look, Visit, Visitor
from tests.support.people import give_money


def half_way(visit: Visit, user: User, look: Look) -> Visitor:
    give_money(user, 100_00)
    customer = visit(look, user)
    customer.open("/predictions/new/")
    customer.choose("random-forest")
    customer.fill_facts()
    Session.objects.all().delete()
    return customer


@pytest.mark.parametrize("javascript", [True, False])
def test_in_the_middle_of_an_order(visit: Visit, alice: User, javascript: bool) -> None:
    """Pay, log in again, and everything is there as it was typed."""
    customer = half_way(visit, alice, Look("ru", javascript=javascript))
    customer.pay()
    customer.see("#id_username")
    assert not Prediction.objects.exists()
    customer.log_in("alice")
    customer.at("/predictions/new/")
    for name in FACTS:
        customer.see_fact(name, customer.typed(name))
    expect(customer.page.locator("input[value=random-forest]")).to_be_checked()
    if javascript:
        expect(customer.page.locator("[data-sum=after]")).to_have_text("50,00\u00a0USD")
    assert not Entry.objects.filter(kind=Entry.Kind.CHARGE).exists()
    customer.pay()
    customer.confirm(50_00)
    customer.see(".pending")
    prediction = Prediction.objects.get()
    assert prediction.applicant["loan_int_rate"] == 15.25
    assert prediction.model.slug == "random-forest"
    assert Entry.objects.filter(kind=Entry.Kind.CHARGE).count() == 1


def test_a_draft_in_the_browser_is_not_shown_to_the_next_person(visit: Visit, alice: User, bob: User) -> None:
    customer = half_way(visit, alice, Look())
    customer.open("/predictions/new/")
    customer.log_in("bob")
    customer.at("/predictions/new/")
    expect(customer.page.locator("#id_loan_amnt")).to_have_value("")
    expect(customer.page.locator("[data-restored]")).to_be_hidden()


def test_while_a_result_is_waited_for(visit: Visit, alice: User) -> None:
    """The page that asks by itself leads to the log-in, and that back to the order."""
    give_money(alice, 100_00)
    customer = visit(user=alice)
    customer.open("/predictions/new/?example=1")
    customer.pay()
    customer.see(".pending")
    order = customer.path
    Session.objects.all().delete()
    customer.see("#id_username")
    customer.log_in("alice")
    customer.at(order)
    customer.see(".pending")
