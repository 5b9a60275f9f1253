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
    customer.see(".pending .spinner")
    moving = customer.page.evaluate("document.getAnimations().length")
    assert moving == (0 if still else 1)
