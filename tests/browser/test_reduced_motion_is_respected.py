import pytest

from accounts.models import User
from tests.support.browser.visitor import Look, Visit
from tests.support.people import give_money


@pytest.mark.parametrize("still", [False, True])
def test_while_a_result_is_waited_for(visit: Visit, alice: User, still: bool) -> None:
    give_money(alice, 100_00)
    customer = visit(Look(still=still), alice)
    customer.open("/predictions/new/?example=1")
    customer.pay()
    customer.see(".pending .horizon")
    moving = customer.page.evaluate("document.getAnimations().length")
    assert moving == (0 if still else 1)


@pytest.mark.parametrize("still", [False, True])
def test_when_a_result_is_shown(visit: Visit, still: bool) -> None:
    """The sun rises once, within 600 ms."""
    visitor = visit(Look(still=still))
    visitor.open("/")
    visitor.see(".rising .sun")
    lengths = visitor.page.evaluate(
        """() => {
            const sun = document.querySelector(".rising .sun");
            sun.replaceWith(sun.cloneNode());
            return document.getAnimations().map(one => one.effect.getComputedTiming().endTime);
        }"""
    )
    assert lengths == ([] if still else [600])
