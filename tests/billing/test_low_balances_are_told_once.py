import json

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.webhooks import endpoints
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import WebhookDelivery
from billing import services
from billing.services import new_request_key
from tests.support.orders import OrderFor
from tests.support.people import give_money


def adjust(user: User, operator: User, amount: int) -> None:
    services.adjust(user=user, amount=amount, reason="test", operator=operator, request_key=new_request_key())


def told() -> int:
    return WebhookDelivery.objects.filter(type="balance.low").count()


def test_each_time_the_balance_falls_below_it(alice: User, operator: User) -> None:
    endpoints.create(alice, url="https://1.1.1.1/", types=TYPES)
    give_money(alice, 100_00)
    services.warn_below(alice, 50_00)
    adjust(alice, operator, -50_00)  # 50.00 is not below it.
    assert told() == 0
    adjust(alice, operator, -1)
    assert told() == 1
    adjust(alice, operator, -10_00)  # It was below it before.
    adjust(alice, operator, 20_00)
    assert told() == 1
    adjust(alice, operator, -20_00)
    assert told() == 2
    body = json.loads(WebhookDelivery.objects.latest("created_at").body)
    assert body["data"] == {
        "id": str(alice.pk),
        "status": "low",
        "url": "http://127.0.0.1:8000/api/v1/balance/",
    }


def test_by_an_order(alice: User, order: OrderFor) -> None:
    endpoints.create(alice, url="https://1.1.1.1/", types=["balance.low"])
    give_money(alice, 100_00)
    services.warn_below(alice, 100_00)
    order(alice)
    order(alice)
    assert told() == 1


def test_never_without_a_threshold(alice: User, operator: User) -> None:
    endpoints.create(alice, url="https://1.1.1.1/", types=TYPES)
    give_money(alice, 100_00)
    services.warn_below(alice, 50_00)
    services.warn_below(alice, None)
    adjust(alice, operator, -100_00)
    assert told() == 0


def test_a_threshold_that_is_not_passed_costs_no_statement(alice: User, order: OrderFor) -> None:
    give_money(alice, 1000_00)
    order(alice)
    with CaptureQueriesContext(connection) as without:
        order(alice)
    services.warn_below(alice, 1_00)
    with CaptureQueriesContext(connection) as with_threshold:
        order(alice)
    assert len(with_threshold) == len(without)
