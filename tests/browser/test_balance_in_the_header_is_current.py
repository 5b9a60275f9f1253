from playwright.sync_api import expect

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.browser.visitor import Visit
from tests.support.orders import UNLOADABLE
from tests.support.people import give_money


def test_after_paying_and_after_a_refund_that_the_page_hears_of(visit: Visit, alice: User) -> None:
    give_money(alice, 100_00)
    customer = visit(user=alice)
    customer.open("/predictions/new/?example=1")
    customer.see_balance("100.00\u00a0USD")
    customer.pay()
    customer.see(".pending")
    customer.see_balance("90.00\u00a0USD")
    customer.page.evaluate("window.stayed = true")
    Prediction.objects.update(**UNLOADABLE)
    worker.score_queued()
    customer.see(".ended")
    customer.see_balance("100.00\u00a0USD")
    assert customer.page.evaluate("window.stayed"), "the page was loaded again"


def test_a_result_comes_without_a_reload(visit: Visit, alice: User) -> None:
    give_money(alice, 100_00)
    customer = visit(user=alice)
    customer.open("/predictions/new/?example=1")
    customer.pay()
    customer.see(".pending")
    customer.page.evaluate("window.stayed = true")
    worker.score_queued()
    customer.see(".horizon-number")
    expect(customer.page.locator("#record-part .status.succeeded")).to_be_visible()
    customer.see_balance("90.00\u00a0USD")
    assert customer.page.evaluate("window.stayed"), "the page was loaded again"
