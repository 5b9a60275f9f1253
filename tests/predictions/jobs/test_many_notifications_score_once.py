import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import User
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from predictions.tasks import notify_workers
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import StartWorker

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_notifications_score_a_prediction_once(
    alice: User, order: OrderFor, start_worker: StartWorker
) -> None:
    give_money(alice, 100_00)
    prediction = order(alice)
    start_worker(concurrency=2)
    for _notification in range(50):
        notify_workers()
    deadline = time.monotonic() + 20
    while Prediction.objects.pending().exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == ("succeeded", 1)


def test_workers_side_by_side_never_share_a_row(alice: User, order: OrderFor) -> None:
    give_money(alice, 10_000_00)
    for _number in range(300):
        order(alice)

    def work(_number: int) -> None:
        try:
            score_queued()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert Prediction.objects.filter(status="succeeded", attempts=1).count() == 300
