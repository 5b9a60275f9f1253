from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from predictions.jobs.audit import problems
from predictions.models import Prediction
from tests.support.ledger import forged
from tests.support.orders import OrderFor
from tests.support.people import give_money


def test_it_takes_as_many_statements_for_many_as_for_one(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    assert not [*problems()]
    statements, faults = [], []
    for _round in range(2):
        money = give_money(alice, 100_00)
        forged(alice, "refund", 1, reverses=money)
        unpaid, lost = order(alice), order(alice)
        Prediction.objects.filter(pk=unpaid.pk).update(price=1)
        Prediction.objects.filter(pk=lost.pk).update(status="canceled", finished_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            faults.append([*problems(full=True)])
        statements.append(len(queries))
    assert [len(found) for found in faults] == [3, 6]
    assert statements[0] == statements[1]
