"""Real workers and a real clock, in processes of their own, on the test database and broker."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from django.conf import settings

from creditscore.celery import app
from tests.support.database import database_url

READY_SECONDS = 180
WAIT_SECONDS = 180
STOP_SECONDS = 120


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once `condition()` is true; fails after `WAIT_SECONDS`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.005)


class CeleryProcess:
    """A `celery` command in a process group of its own; what it printed is in `log`."""

    def __init__(self, log: Path, *arguments: str, **environment: str) -> None:
        self.log = log
        self._command = [sys.executable, "-m", "celery", "-A", "creditscore", *arguments]
        self._environment = environment
        self.start()

    def start(self) -> None:
        own = {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            # Who is killed leaves its temporary files behind.
            "TMPDIR": str(self.log.parent),
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=settings.BASE_DIR,
                env=os.environ | own | self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to every process of the group, and wait for the end if it is a deadly one."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
        if number == signal.SIGKILL:
            self._process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """A warm shutdown; returns the exit code."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self.kill()


class Worker(CeleryProcess):
    def __init__(
        self, log: Path, concurrency: int, queues: str = "", pool: str = "prefork", **environment: str
    ) -> None:
        self.name = f"test-{uuid.uuid4()}@localhost"
        options = ["--hostname", self.name, "--concurrency", str(concurrency), "--loglevel", "INFO"]
        options += ["--pool", pool]
        if queues:
            options += ["--queues", queues]
        super().__init__(log, "worker", *options, "--without-gossip", "--without-mingle", **environment)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not app.control.ping(destination=[self.name], timeout=0.3):
            assert self.alive, f"the worker has ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the worker is not ready:\n{self.log.read_text()}"

    def restart(self) -> None:
        self.kill()
        self.start()
        self.wait_ready()

    @property
    def children(self) -> list[int]:
        """The process ids of the pool, which do the scoring."""
        stats = app.control.inspect(destination=[self.name], timeout=5).stats() or {}
        return list(stats[self.name]["pool"]["processes"])


class StartWorker(Protocol):
    def __call__(
        self, concurrency: int = 1, queues: str = "", pool: str = "prefork", **environment: str
    ) -> Worker: ...


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[StartWorker]:
    """`start_worker(concurrency=1, LEASE_SECONDS="1")`: a worker that is ready; it ends with the test.

    It serves all queues unless some are named, by processes unless another pool is.
    """
    workers: list[Worker] = []

    def start(concurrency: int = 1, queues: str = "", pool: str = "prefork", **environment: str) -> Worker:
        log = tmp_path / f"worker-{len(workers)}.log"
        worker = Worker(log, concurrency, queues, pool, **environment)
        workers.append(worker)
        worker.wait_ready()
        return worker

    yield start
    for worker in workers:
        worker.kill()
        print(f"--- {worker.log.name}\n{worker.log.read_text()}")


@pytest.fixture
def worker(start_worker: StartWorker) -> Worker:
    """One ready worker with the usual settings."""
    return start_worker()


@pytest.fixture(scope="module")
def shared_worker(
    django_db_setup: None, broker_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    """One ready worker for all tests of a module, which must all leave it alive."""
    worker = Worker(tmp_path_factory.mktemp("worker") / "worker.log", 1)
    worker.wait_ready()
    yield worker
    worker.kill()
    print(f"--- {worker.log.name}\n{worker.log.read_text()}")


@pytest.fixture
def start_clock(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., CeleryProcess]]:
    """`start_clock(…)`: the scheduler; it ends with the test."""
    clocks: list[CeleryProcess] = []

    def start(**environment: str) -> CeleryProcess:
        log = tmp_path / f"clock-{len(clocks)}.log"
        clocks.append(CeleryProcess(log, "beat", "--pidfile=", "--loglevel", "INFO", **environment))
        return clocks[-1]

    yield start
    for clock in clocks:
        clock.kill()
        print(f"--- {clock.log.name}\n{clock.log.read_text()}")


def free_port() -> int:
    """An unused TCP port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
