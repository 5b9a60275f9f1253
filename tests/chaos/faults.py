"""Carries the planned faults out: each breaks something, waits, and repairs it."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.chaos import disk, stores
from tests.chaos.history import Span
from tests.chaos.plan import Fault
from tests.chaos.processes import Process
from tests.chaos.service import BROKER, BULK, DATABASE, MAILER, WEB, Service

# What a fault yields is noted: see `Span.in_the_middle`.
Broken = contextlib.AbstractContextManager[bool | None]
# So long a fault waits for the moment that it is about.
MOMENT_SECONDS = 30
LOOK_SECONDS = 0.01


class Saboteur:
    """Runs `faults` at their times; `spans` has those that were carried out, `mishaps` the others."""

    def __init__(self, service: Service, faults: list[Fault], stopping: threading.Event) -> None:
        self.spans: list[Span] = []
        self.mishaps: list[str] = []
        self._service, self._faults, self._stopping = service, faults, stopping
        self._threads: list[threading.Thread] = []
        # A repair may take longer than planned: the next fault there waits for it.
        self._at_work = {fault.kind.target: threading.Lock() for fault in faults}

    def run(self) -> None:
        """Return when every fault has been repaired, or soon after `stopping` is set."""
        began = time.monotonic()
        for fault in self._faults:
            if self._stopping.wait(max(0, began + fault.at - time.monotonic())):
                break
            print(fault, flush=True)
            self._threads.append(threading.Thread(target=self._carry_out, args=[fault], daemon=True))
            self._threads[-1].start()
        for thread in self._threads:
            thread.join()

    def _carry_out(self, fault: Fault) -> None:
        with self._at_work[fault.kind.target]:
            began, in_the_middle = time.time(), None
            try:
                with FAULTS[fault.kind.name](self._service, fault.pick) as in_the_middle:
                    self._stopping.wait(fault.seconds)
            except Exception as error:  # noqa: BLE001  # it is reported, and fails the run
                self.mishaps.append(f"fault {fault.kind.name!r}: {error!r}")
            self.spans.append(Span(fault.kind.name, began, time.time(), in_the_middle))


def _down(name: str) -> Callable[[Service, float], Broken]:
    return lambda service, _pick: service[name].down()


def _worker(service: Service, pick: float) -> Process:
    return service[service.workers[int(pick * len(service.workers))]]


def _worker_down(service: Service, pick: float) -> Broken:
    return _worker(service, pick).down()


@contextlib.contextmanager
def _child_killed(process: Process, pick: float) -> Iterator[None]:
    # It may have none for a moment: its last one has just died of something else.
    if children := process.children:
        os.kill(children[int(pick * len(children))], signal.SIGKILL)
    yield


@contextlib.contextmanager
def _frozen(process: Process) -> Iterator[None]:
    with process.held:
        process.signal_group(signal.SIGSTOP)
        try:
            yield
        finally:
            process.signal_group(signal.SIGCONT)


@contextlib.contextmanager
def _stopped_in_a_file(service: Service) -> Iterator[tuple[Process, bool]]:
    """Stop the bulk role while it works on a file; yields it, and False if it was stopped without one.

    What it is working on was claimed after this began, so it is not left from a process that was killed.
    """
    process, began = service[BULK], time.time()
    while time.time() < began + MOMENT_SECONDS:
        if service.last_claim() > began:
            with process.held:
                process.signal_group(signal.SIGSTOP)
                if service.last_claim() > began:
                    yield process, True
                    return
                process.signal_group(signal.SIGCONT)
        time.sleep(LOOK_SECONDS)
    with process.held:
        process.signal_group(signal.SIGSTOP)
        yield process, False


@contextlib.contextmanager
def _bulk_down(service: Service, _pick: float) -> Iterator[bool]:
    with _stopped_in_a_file(service) as (process, in_the_middle):
        process.kill()
        try:
            yield in_the_middle
        finally:
            process.start()


@contextlib.contextmanager
def _bulk_processes_killed(service: Service, _pick: float) -> Iterator[bool]:
    """All that it has, because nobody knows which of them has the file."""
    with _stopped_in_a_file(service) as (process, in_the_middle):
        for child in process.children:
            os.kill(child, signal.SIGKILL)
        process.signal_group(signal.SIGCONT)
        yield in_the_middle


@contextlib.contextmanager
def _bulk_frozen(service: Service, _pick: float) -> Iterator[bool]:
    with _stopped_in_a_file(service) as (process, in_the_middle):
        try:
            yield in_the_middle
        finally:
            process.signal_group(signal.SIGCONT)


@contextlib.contextmanager
def _mailer_down(service: Service, _pick: float) -> Iterator[bool]:
    """It is killed while a receiver has its message and has not answered."""
    with contextlib.ExitStack() as down:
        with service.receiver.held() as waits:
            in_the_middle = waits.wait(MOMENT_SECONDS)
            down.enter_context(service[MAILER].down())
        yield in_the_middle


@contextlib.contextmanager
def _broker_down(service: Service, _pick: float) -> Iterator[None]:
    with service[BROKER].down():
        yield
    service.broker.wait_ready()


@contextlib.contextmanager
def _broker_full(service: Service, _pick: float) -> Iterator[None]:
    with service.broker.full():
        yield


@contextlib.contextmanager
def _broker_emptied(service: Service, _pick: float) -> Iterator[None]:
    service.broker.empty()
    yield


@contextlib.contextmanager
def _connections_cut(service: Service, _pick: float) -> Iterator[None]:
    assert service.postgres
    service.postgres.cut_connections()
    yield


@contextlib.contextmanager
def _database_down(service: Service, _pick: float) -> Iterator[None]:
    """An immediate stop, which is a crash: the server recovers from its log when it starts again."""
    assert service.postgres
    database = service[DATABASE]
    with database.held:
        database.signal(signal.SIGQUIT)
        database.wait()
        try:
            yield
        finally:
            database.start()
            service.postgres.wait_ready()


@contextlib.contextmanager
def _model_broken(service: Service, pick: float) -> Iterator[None]:
    """Half of a model's file is missing, and a scoring process that has not loaded the model meets it."""
    files: list[Path] = sorted(service.artifacts.glob("*/*/model.*"))
    file = files[int(pick * len(files))]
    good = file.with_suffix(f"{file.suffix}.good")
    file.rename(good)
    try:
        file.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
        with _child_killed(_worker(service, pick), pick):
            yield
    finally:
        good.replace(file)


FAULTS: dict[str, Callable[[Service, float], Broken]] = {
    "web master killed": _down(WEB),
    "web process killed": lambda service, pick: _child_killed(service[WEB], pick),
    "worker killed": _worker_down,
    "scoring process killed": lambda service, pick: _child_killed(_worker(service, pick), pick),
    "worker frozen past its lease": lambda service, pick: _frozen(_worker(service, pick)),
    "explainer killed": _down("explainer"),
    "bulk worker killed in a file": _bulk_down,
    "bulk processes killed in a file": _bulk_processes_killed,
    "bulk worker frozen in a file past its lease": _bulk_frozen,
    "mailer killed while it sends": _mailer_down,
    "folder of files away": lambda service, _pick: disk.away(service.files / "batches"),
    "disk of files full": lambda service, _pick: disk.full(service.files),
    "clock killed": _down("clock"),
    "clock dead for long": _down("clock"),
    "broker killed": _broker_down,
    "broker down, its data lost": _broker_down,
    "broker frozen": lambda service, _pick: _frozen(service[BROKER]),
    "broker full": _broker_full,
    "broker emptied": _broker_emptied,
    "database connections cut": _connections_cut,
    "database down": _database_down,
    "database locked": lambda service, _pick: stores.locked(service.sqlite_file),
    "model file broken": _model_broken,
}
