"""On PostgreSQL it cannot even read which models to load; SQLite's file can be read while it is locked."""

import time

from accounts.models import User
from tests.support.messages import empty_queue
from tests.support.orders import OrderFor
from tests.support.outages import Outage
from tests.support.people import give_money
from tests.support.processes import StartWorker

RESULT_SECONDS = 60


def test_it_scores_what_nobody_tells_it_of(
    outage: Outage, alice: User, order: OrderFor, start_worker: StartWorker
) -> None:
    give_money(alice, 100_00)
    prediction = order(alice)
    empty_queue("orders")
    outage.begin()
    start_worker(DATABASE_URL=outage.url)
    outage.end()
    deadline = time.monotonic() + RESULT_SECONDS
    while prediction.status != "succeeded":
        assert time.monotonic() < deadline
        time.sleep(0.2)
        prediction.refresh_from_db()
