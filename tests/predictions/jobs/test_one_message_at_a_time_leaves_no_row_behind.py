"""Whoever stores a row while a message is on its way sends none, and yet no row waits for the monitor.

It never runs here. As long as nothing fails, messages alone find every row, in any order of steps and even if
a mark ends too early. When a process was killed or lost the broker, a worker's own look finds the rest.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeAlias
from uuid import UUID

import pytest
from celery.signals import after_task_publish
from django.core.cache import cache
from django.db import connections
from django.utils import timezone
from redis import Redis
from redis.exceptions import ConnectionError as NoBroker

from accounts import wakeups
from accounts.models import User
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction, PredictionQuerySet
from predictions.orders import operator as operators
from predictions.results import explanations
from tests.support.crashes import Killed
from tests.support.orders import Bought, OrderFor
from tests.support.people import give_money
from tests.support.processes import wait_for
from tests.support.turns import COMMANDS, ENDED, NewProcess, Process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_commits")]
LONG_AGO = timezone.now() - timedelta(days=1)
NOT_STORED: dict[str, dict[str, object]] = {
    "orders": {
        "status": "failed",
        "failure": "scoring",
        "approval_probability": None,
        "finished_at": LONG_AGO,
    }
    | {"attempts": 0, "claim": None, "claimed_at": None},
    "explanations": {"explanation": None, "explanation_requested_at": None}
    | {"explanation_claimed_at": None, "explanation_attempts": 0},
}
TAKE_MESSAGE = "RPOP"
# Which process takes its next step, and what it meets there.
Choice: TypeAlias = tuple[int, type[Killed] | type[NoBroker] | None]


@dataclass
class Queue:
    """What workers of a queue do."""

    name: str
    broker: Redis

    @property
    def messages(self) -> int:
        return int(self.broker.llen(self.name))

    @property
    def mark_ms(self) -> int:
        """How long the mark of a message is still there; -2 without one, -1 for ever."""
        return int(self.broker.pttl(cache.make_key(f"message:{self.name}")))

    def end_mark(self) -> None:
        cache.delete(f"message:{self.name}")

    def work(self) -> None:
        while True:
            assert self.broker.rpop(self.name), "it begins to read while no message waits"
            (tasks.score_queued if self.name == "orders" else tasks.explain_requested)()

    def waiting(self) -> PredictionQuerySet:
        rows = Prediction.objects
        return rows.pending() if self.name == "orders" else rows.to_explain()

    def look(self) -> None:
        """As each process of a worker does by itself, every few seconds; leases of killed ones have ended."""
        Prediction.objects.running().update(claimed_at=LONG_AGO)
        Prediction.objects.exclude(explanation_claimed_at=None).update(explanation_claimed_at=LONG_AGO)
        while worker.look_for_orders() if self.name == "orders" else tasks.explainer.explain_requested():
            pass


def all_claimed(keys: Sequence[UUID]) -> bool:
    return not Prediction.objects.queued().filter(pk__in=keys).exists()


@dataclass
class Scene:
    """Writers, each with its row, a worker, and a clock that ends the mark once. `fault` has happened."""

    queue: Queue
    writers: list[tuple[Process, Prediction, Callable[[], object]]]
    worker: Process
    clock: Process
    fault: type[Killed] | type[NoBroker] | None = None
    # What the worker has done with its message: it remembers what it has found.
    done: tuple[str, ...] = ()
    tried: set[object] = field(default_factory=set)

    @property
    def processes(self) -> list[Process]:
        return [self.clock, *(writer for writer, _row, _store in self.writers), self.worker]

    def begin(self) -> None:
        for process in self.processes:
            process.kill()
        self.fault = tasks.explainer._last_user = None
        self.done = ()
        Prediction.objects.update(**NOT_STORED[self.queue.name])
        self.queue.broker.delete(self.queue.name)
        self.queue.end_mark()
        if self.queue.name == "orders":
            # Marks of both queues are alike.
            self.clock.begin(self.queue.end_mark)
        for writer, _row, store in self.writers:
            writer.begin(store)
        self.worker.begin(self.queue.work)

    def state(self) -> tuple[object, ...]:
        """What all that follows depends on. Both writers do the same."""
        messages, mark_ms = self.queue.messages, self.queue.mark_ms
        assert messages <= (2 if self.queue.name == "orders" and self.clock.next == ENDED else 1)
        assert mark_ms == -2 or 0 < mark_ms <= wakeups.ON_ITS_WAY_SECONDS * 1000
        columns = ("status", "explanation_requested_at", "explanation_claimed_at", "explanation")
        rows = {
            row[0]: (row[1], *map(bool, row[2:])) for row in Prediction.objects.values_list("pk", *columns)
        }
        writers = sorted((writer.next, rows[row.pk]) for writer, row, _store in self.writers)
        return (*writers, *self.done, self.worker.next, self.clock.next, self.fault, messages, mark_ms > 0)

    def choices(self) -> Iterator[Choice]:
        """What may happen next. A fault is tried once at each step, whatever is on its way then."""
        messages, mark = self.queue.messages, self.queue.mark_ms > 0
        for number, process in enumerate(self.processes):
            idle = process.next == TAKE_MESSAGE
            if process.next == ENDED or (idle and not messages) or (process == self.clock and not mark):
                continue
            yield number, None
            if self.fault:
                # The rest takes its steps in one order only.
                return
            for fault in (Killed, NoBroker):
                case = process.next, fault, messages, mark
                meets = not idle and process != self.clock and (fault == Killed or process.next in COMMANDS)
                if meets and case not in self.tried:
                    self.tried.add(case)
                    yield number, fault

    def take(self, choice: Choice) -> None:
        number, fault = choice
        self.fault = self.fault or fault
        process = self.processes[number]
        if process == self.worker:
            self.done += (process.next,)
        process.step(fault() if fault else None)
        if self.worker.next in (TAKE_MESSAGE, ENDED):
            self.done = ()
        if self.worker.next == ENDED:
            self.worker.begin(self.queue.work)

    def explore(self) -> None:
        """Take steps in every order that leads to another state."""
        seen, paths = set(), [list[Choice]()]
        while paths:
            path = paths.pop()
            self.begin()
            for choice in path:
                self.take(choice)
            while (state := self.state()) not in seen:
                seen.add(state)
                choices = list(self.choices())
                if not choices:
                    self.end()
                    break
                paths += [[*path, other] for other in choices[1:]]
                path = [*path, choices[0]]
                self.take(choices[0])

    def end(self) -> None:
        if self.fault:
            self.queue.look()
        assert not self.queue.waiting().exists()


@pytest.mark.parametrize(
    ("name", "rounds"),
    # A task of one round hands over by a message of its own.
    [("orders", worker.MAX_ROUNDS), ("explanations", 1)],
)
def test_every_row_is_found_in_any_order_of_steps_and_after_each_fault(
    operator: User,
    bought: Bought,
    broker_url: str,
    new_process: NewProcess,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    rounds: int,
) -> None:
    monkeypatch.setattr(worker, "MAX_ROUNDS", rounds)
    monkeypatch.setattr(explanations, "MAX_AT_ONCE", rounds)

    def store(row: Prediction) -> Callable[[], object]:
        if name == "orders":
            return lambda: operators.retry(row, operator=operator)
        return lambda: tasks.request_explanations([row])

    rows = [bought(), bought()]
    with Redis.from_url(broker_url) as broker:
        writers = [(new_process(), row, store(row)) for row in rows]
        Scene(Queue(name, broker), writers, new_process(), new_process()).explore()


@pytest.mark.parametrize("steps_of_a_life", [None, 25])
def test_many_writers_and_two_workers_that_are_killed_at_any_step(
    alice: User,
    order: OrderFor,
    broker_url: str,
    new_process: NewProcess,
    monkeypatch: pytest.MonkeyPatch,
    steps_of_a_life: int | None,
) -> None:
    """Each of eight writers goes on when its last orders were claimed; so one that is missed stops it.

    Together the workers take more than 70 steps, so one that lives for 25 at most surely dies.
    """
    # Each worker is a process with a lock of its own.
    monkeypatch.setattr(worker, "_one_round", nullcontext())
    give_money(alice, 10_000_00)
    chance = random.Random(7)  # noqa: S311

    def life() -> float:
        return chance.randint(1, steps_of_a_life) if steps_of_a_life else math.inf

    left = life()
    stored, waiting, sent, read, deaths = list[UUID](), set[int](), list[str](), 0, 0

    def write(number: int) -> None:
        for _round in range(5):
            keys = [order(alice).pk for _order in range(5)]
            stored.extend(keys)
            waiting.add(number)
            wait_for(partial(all_claimed, keys))
            waiting.remove(number)
        connections.close_all()

    def count(sender: str, **_more: object) -> None:
        sent.append(sender)

    after_task_publish.connect(count)
    with Redis.from_url(broker_url) as broker, ThreadPoolExecutor(8) as pool:
        queue, workers = Queue("orders", broker), [new_process(), new_process()]

        def replace() -> None:
            """As soon as the mark of its predecessor's message has ended, whatever was on its way."""
            queue.end_mark()
            while worker.look_for_orders():
                pass
            queue.work()

        for process in workers:
            process.begin(queue.work)
        writers = [pool.submit(write, number) for number in range(8)]
        while running := sum(not writer.done() for writer in writers):
            process = chance.choice(workers)
            if process.next == TAKE_MESSAGE:
                # It is slow.
                if not queue.messages or (len(stored) < 10 * (read + 1) and len(waiting) < running):
                    time.sleep(0.001)
                    continue
                read += 1
            elif left <= 0:
                left = life()
                deaths += 1
                process.begin(replace)
                continue
            left -= 1
            process.step()
        for writer in writers:
            writer.result()
    for process in workers:
        process.kill()
    queue.look()
    assert Prediction.objects.filter(status="succeeded").count() == len(stored) == 200
    assert bool(deaths) == bool(steps_of_a_life)
    assert len(sent) <= 1 + read + deaths < len(stored) / 2
