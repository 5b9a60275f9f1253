"""Processes of a test that take turns: each stops before every step, and goes on, fails or dies there."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeAlias

import pytest
from django.db import connection, connections
from redis import Redis

from tests.support.crashes import Killed

ENDED = "ended"
# Other ones, such as those of a new connection, change nothing that processes share.
COMMANDS = ("SET", "DEL", "LRANGE", "LPUSH", "RPOP")
# A process that does not stop again within so many seconds waits for one that has stopped.
PATIENCE = 60
_here = threading.local()


class Process:
    """A thread. A step is a command to Redis, or a statement outside of transactions; reads in a row are one.

    `next` is the SQL of its next step, or the name of the command.
    """

    def __init__(self) -> None:
        self.next = ENDED
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(lambda: connection.ensure_connection()).result()
        self._turns: SimpleQueue[Exception | Killed | None] = SimpleQueue()
        self._stops: SimpleQueue[str] = SimpleQueue()

    def begin(self, work: Callable[[], object]) -> None:
        """Kill what it does, and go to the first step of `work`."""
        self.kill()
        self._killed = self._reads = False
        self._working = self._thread.submit(self._run, work)
        self.next = self._stops.get(timeout=PATIENCE)

    def step(self, fault: Exception | Killed | None = None) -> None:
        """Take the next step, or raise `fault` there. Raises what ends the work, unless it is `Killed`."""
        self._turns.put(fault)
        self.next = self._stops.get(timeout=PATIENCE)
        if self.next == ENDED:
            self._working.result()

    def kill(self) -> None:
        if self.next != ENDED:
            self.step(Killed())

    def close(self) -> None:
        self.kill()
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()

    def stop_before(self, step: str) -> None:
        if self._killed:
            # What goes on is a handler of errors, which a process that was killed does not run.
            raise Killed
        was_reading, self._reads = self._reads, step.startswith("SELECT")
        if was_reading and self._reads:
            return
        self._stops.put(step)
        if fault := self._turns.get():
            self._killed = isinstance(fault, Killed)
            raise fault

    def _run(self, work: Callable[[], object]) -> None:
        _here.process = self
        try:
            with suppress(Killed), connection.execute_wrapper(self._execute):
                work()
        finally:
            del _here.process
            self._stops.put(ENDED)

    def _execute(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        # Whoever has its turn must not wait for what a transaction has locked.
        if not connection.in_atomic_block:
            self.stop_before(sql)
        return execute(sql, *rest)


NewProcess: TypeAlias = Callable[[], Process]


@pytest.fixture
def new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[NewProcess]:
    """`new_process()`: one that does nothing yet. For tests whose transactions commit."""
    execute = Redis.execute_command
    processes: list[Process] = []

    def execute_in_turn(client: Redis, *command: Any, **options: Any) -> Any:
        if command[0] in COMMANDS and (process := getattr(_here, "process", None)):
            process.stop_before(command[0])
        return execute(client, *command, **options)  # type: ignore[no-untyped-call]

    def start() -> Process:
        processes.append(Process())
        return processes[-1]

    monkeypatch.setattr(Redis, "execute_command", execute_in_turn)
    yield start
    for process in processes:
        process.close()
