"""Results of runs are a log. A worker's main process stores those of runs that come too late."""

import time

from accounts.models import User
from predictions.tasks import monitor, notify_workers
from tests.support.orders import OrderFor
from tests.support.outages import Outage
from tests.support.people import give_money
from tests.support.processes import StartWorker

SECONDS = 120


def test_a_run_that_comes_too_late_while_the_database_is_away(
    outage: Outage, alice: User, order: OrderFor, start_worker: StartWorker
) -> None:
    worker = start_worker(DATABASE_URL=outage.url)
    outage.begin()
    monitor.apply_async(expires=-1)
    deadline = time.monotonic() + SECONDS
    while "the database is unavailable" not in worker.log.read_text():
        assert worker.alive, worker.log.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    outage.end()
    give_money(alice, 100_00)
    prediction = order(alice)
    while prediction.status != "succeeded":
        assert worker.alive, worker.log.read_text()
        assert time.monotonic() < deadline
        notify_workers()
        time.sleep(0.2)
        prediction.refresh_from_db()
