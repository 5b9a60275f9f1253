"""Messages only make it quick: workers also look for orders by themselves."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from redis import Redis

from accounts.models import User
from creditscore.celery import app
from predictions import tasks
from predictions.models import Prediction
from tests.support.broker import Broker
from tests.support.messages import waiting_messages
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import StartWorker, Worker, wait_for


@contextmanager
def faulty(broker: Broker, fault: str, worker: Worker) -> Iterator[None]:
    if fault == "dead":
        broker.stop()
        yield
        broker.start()
    elif fault == "frozen":
        with broker.frozen():
            yield
    else:
        with Redis.from_url(broker.url) as client:
            # The worker has to take a message out of a broker that is full, which writes.
            os.kill(worker.pid, signal.SIGSTOP)
            assert tasks.notify_workers()
            client.config_set("maxmemory", 1)
            os.kill(worker.pid, signal.SIGCONT)
            yield
            client.config_set("maxmemory", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["dead", "frozen", "full"])
def test_they_are_and_the_worker_goes_on_with_messages_afterwards(
    alice: User, order: OrderFor, own_broker: Broker, start_worker: StartWorker, fault: str
) -> None:
    give_money(alice, 100_00)
    worker = start_worker()
    with faulty(own_broker, fault, worker):
        meanwhile = order(alice)
        assert not tasks.notify_workers()
        wait_for(lambda: not Prediction.objects.pending().exists())
        meanwhile.refresh_from_db()
        assert (meanwhile.status, meanwhile.attempts) == ("succeeded", 1)
        assert worker.alive, worker.log.read_text()
    with app.connection() as connection:
        wait_for(lambda: bool(app.control.ping([worker.name], timeout=1, connection=connection)))
    # Connections of before are of no use any more.
    assert tasks.notify_workers() or tasks.notify_workers()
    wait_for(lambda: waiting_messages("orders") == [])
    assert worker.alive, worker.log.read_text()
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_a_worker_can_start_while_the_broker_is_full(
    alice: User, order: OrderFor, own_broker: Broker, start_worker: StartWorker
) -> None:
    give_money(alice, 100_00)
    worker = start_worker()
    worker.kill()
    with Redis.from_url(own_broker.url) as client:
        client.flushdb()
        client.config_set("maxmemory", 1)
        worker.start()
        order(alice)
        wait_for(lambda: not Prediction.objects.pending().exists())
        assert worker.alive, worker.log.read_text()
        assert "OutOfMemoryError" in worker.log.read_text()
        client.config_set("maxmemory", 0)
    worker.wait_ready()
