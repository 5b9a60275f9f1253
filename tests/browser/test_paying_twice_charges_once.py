"""Repeated clicks on the payment button. No worker runs, because charging does not depend on it."""

import pytest

from accounts.models import User
from billing.models import Entry
from predictions.jobs import audit
from predictions.models import Prediction
from tests.support.browser.visitor import Look, Visit, Visitor
from tests.support.people import give_money

NEW = "/predictions/new/"
PAY = "Pay and get the probability"
SCRIPT = [True, False]


@pytest.fixture
def rich(alice: User) -> User:
    give_money(alice, 1_000_00)
    return alice


def charges() -> int:
    assert not [*audit.problems()]
    charged = Entry.objects.filter(kind=Entry.Kind.CHARGE).count()
    assert Prediction.objects.count() == charged
    return charged


def at_the_form(visit: Visit, user: User, *, javascript: bool = True) -> Visitor:
    customer = visit(Look(javascript=javascript), user)
    customer.open(NEW + "?example=1")
    return customer


@pytest.mark.parametrize("javascript", SCRIPT)
def test_a_double_click(visit: Visit, rich: User, javascript: bool) -> None:
    customer = at_the_form(visit, rich, javascript=javascript)
    customer.button(PAY).dblclick()
    customer.see(".pending")
    assert charges() == 1


def test_two_clicks_before_the_page_can_answer(visit: Visit, rich: User) -> None:
    customer = at_the_form(visit, rich)
    customer.button(PAY).evaluate("button => { button.click(); button.click(); }")
    customer.see(".pending")
    assert charges() == 1


def test_a_form_that_is_sent_past_the_guard_of_the_page(visit: Visit, rich: User) -> None:
    """Both requests reach the server, which knows the form's key."""
    customer = at_the_form(visit, rich)
    sent = customer.page.evaluate(
        """async () => {
            const form = document.querySelector("form[data-order]");
            const body = new URLSearchParams(new FormData(form));
            const send = () => fetch(location, {method: "POST", body});
            return (await Promise.all([send(), send(), send()])).map(answer => answer.url);
        }"""
    )
    assert len(set(sent)) == 1, sent
    assert f"/predictions/{Prediction.objects.get().pk}/" in sent[0]
    assert charges() == 1


@pytest.mark.parametrize("javascript", SCRIPT)
def test_enter_pressed_twice(visit: Visit, rich: User, javascript: bool) -> None:
    customer = at_the_form(visit, rich, javascript=javascript)
    customer.page.focus("[data-pay]")
    customer.page.keyboard.press("Enter")
    # The second may come when the form is gone already.
    customer.page.keyboard.press("Enter")
    customer.see(".pending")
    assert charges() == 1
