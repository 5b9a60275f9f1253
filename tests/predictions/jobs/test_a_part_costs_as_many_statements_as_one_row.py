from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.orders import OrderFor
from tests.support.people import give_money


def test_claimed_scored_and_stored(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    statements = []
    for rows in (1, 3):
        for _row in range(rows):
            order(alice)
        with CaptureQueriesContext(connection) as queries:
            worker.score_queued()
        statements.append(len(queries))
    assert Prediction.objects.filter(status="succeeded").count() == 4
    assert statements[0] == statements[1]
