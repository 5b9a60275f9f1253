"""What the explainer and the worker for files compute has a low priority; their statements have not."""

import contextvars
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.models import User
from predictions import priority, tasks
from predictions.models import Prediction
from predictions.orders.batches import confirm_batch
from tests.support.batches import UploadFor
from tests.support.orders import OrderFor, ResultFor
from tests.support.people import give_money
from tests.support.processes import StartWorker, wait_for
from tests.support.scored_files import some_rows

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, threads have no priority")


@pytest.fixture
def gives_way() -> Iterator[None]:
    priority.give_way(7)
    yield
    priority.give_way(0)


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@on_linux
def test_only_what_is_computed(gives_way: None) -> None:
    before = niceness()
    assert priority.computed(niceness) == before + 7
    assert niceness() == before


def test_nothing_does_unless_it_is_said() -> None:
    assert priority.computed(threading.current_thread) is threading.current_thread()


def test_errors_and_contexts_pass(gives_way: None) -> None:
    request = contextvars.ContextVar("request", default="none")
    request.set("mine")
    assert priority.computed(request.get) == "mine"
    with pytest.raises(ZeroDivisionError):
        priority.computed(lambda: 1 // 0)


def test_what_takes_long_keeps_its_lease(gives_way: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "MEANWHILE_SECONDS", 0.01)
    renewed = threading.Event()
    assert priority.computed(lambda: renewed.wait(120), meanwhile=renewed.set)


@on_linux
def test_files_take_a_core_only_while_nothing_else_wants_it() -> None:
    priority.give_way(priority.IDLE)
    try:
        assert priority.computed(lambda: os.sched_getscheduler(threading.get_native_id())) == os.SCHED_IDLE
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
    finally:
        priority.give_way(0)


def priorities(process: int) -> dict[str, int]:
    """The niceness of each thread, compared with that of the tests, by name."""
    found = {}
    for stat in Path(f"/proc/{process}/task").glob("*/stat"):
        numbers = stat.read_text().rpartition(")")[2].split()
        found[stat.with_name("comm").read_text().strip() + stat.parent.name] = int(numbers[16]) - niceness()
    return found


def policies(process: int) -> list[int]:
    """How each thread is scheduled."""
    tasks_of = Path(f"/proc/{process}/task").glob("*/stat")
    return [int(stat.read_text().rpartition(")")[2].split()[38]) for stat in tasks_of]


@on_linux
@pytest.mark.django_db(transaction=True)
def test_the_explainer(alice: User, result: ResultFor, start_worker: StartWorker) -> None:
    prediction = result("logistic-regression")
    explainer = start_worker(queues="explanations")
    tasks.request_explanations([prediction])
    wait_for(lambda: bool(Prediction.objects.get(pk=prediction.pk).explanation))
    (child,) = explainer.children
    assert sorted(set(priorities(child).values())) == [0, 10]


@on_linux
@pytest.mark.django_db(transaction=True)
def test_the_worker_for_files(
    alice: User, upload: UploadFor, start_worker: StartWorker, own_files: Path
) -> None:
    give_money(alice, 1000_00)
    batch = upload(alice, some_rows(3))
    worker = start_worker(queues="bulk", FILES_DIR=str(own_files.parent))
    confirm_batch(batch)
    wait_for(lambda: type(batch).objects.get(pk=batch.pk).status == "completed")
    (child,) = worker.children
    assert set(policies(child)) == {os.SCHED_OTHER, os.SCHED_IDLE}


@on_linux
@pytest.mark.django_db(transaction=True)
def test_a_worker_of_orders_gives_way_to_nothing(
    alice: User, order: OrderFor, start_worker: StartWorker
) -> None:
    give_money(alice, 1000_00)
    prediction, worker = order(alice), start_worker(queues="orders")
    wait_for(lambda: Prediction.objects.get(pk=prediction.pk).status == "succeeded")
    (child,) = worker.children
    assert set(priorities(child).values()) == {0}
