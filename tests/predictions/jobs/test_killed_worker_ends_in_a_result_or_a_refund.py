import time

import pytest
from django.core.management import call_command

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from predictions.tasks import notify_workers
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import StartWorker, Worker, wait_for

ORDERS = 400
KILLS = 20


def kill_while_it_scores(worker: Worker) -> bool:
    """Kill all its processes while rows are claimed; False when it was too quick for that."""
    notify_workers()
    deadline = time.monotonic() + 10
    while not Prediction.objects.running().exists():
        if not Prediction.objects.pending().exists() or time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    worker.kill()
    return Prediction.objects.running().exists()


@pytest.mark.django_db(transaction=True)
def test_every_prediction_ends_once(alice: User, order: OrderFor, start_worker: StartWorker) -> None:
    give_money(alice, 1_000_000_00)
    worker = start_worker()
    for _attempt in range(KILLS):
        ids = [order(alice, "random-forest").pk for _number in range(ORDERS)]
        if kill_while_it_scores(worker):
            break
        if not worker.alive:
            worker.restart()
    orphans = set(Prediction.objects.running().values_list("pk", flat=True))
    assert orphans, "no kill hit a worker that was scoring"

    # The lease runs out. No clock and no monitor: a new worker that looks for work finds the rows.
    Prediction.objects.running().update(claimed_at="2020-01-01T00:00:00Z")
    start_worker()
    notify_workers()
    wait_for(lambda: not Prediction.objects.pending().exists())

    ended = Prediction.objects.filter(pk__in=ids)
    assert ended.filter(status="succeeded").count() == ORDERS
    assert set(ended.filter(pk__in=orphans).values_list("attempts", flat=True)) == {2}
    assert Entry.objects.filter(kind="charge").count() == Prediction.objects.count()
    assert not Entry.objects.filter(kind="refund").exists()
    call_command("check_ledger")
