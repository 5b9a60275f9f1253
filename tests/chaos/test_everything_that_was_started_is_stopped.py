"""Processes under control: revived when they die, left alone during a fault, and stopped in the end."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.processes import Process, Supervisor, parents

SECONDS = 120
# A process with a child, like a worker with its pool. Both ignore requests to end.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
time.sleep(600)
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    for process in supervisor.processes.values():
        process.kill_group()


def started(supervisor: Supervisor, folder: Path, name: str = "worker") -> Process:
    process = Process(name, [sys.executable, "-c", STUBBORN], os.environ, folder / "log", None)
    supervisor.add(process)
    until(lambda: len(process.children) == 1)
    return process


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def group(leader: int) -> list[int]:
    """The processes of a group that still run."""
    return [pid for pid in parents() if _group_of(pid) == leader and _runs(pid)]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_who_dies_is_started_again_and_it_is_noted(supervisor: Supervisor, tmp_path: Path) -> None:
    process = started(supervisor, tmp_path)
    first = process.pid
    supervisor.watch()
    process.signal(signal.SIGKILL)
    until(lambda: process.pid != first and process.exit_code is None)
    assert [(end.role, end.code) for end in supervisor.exits] == [("worker", -signal.SIGKILL)]
    # Its child, which had outlived it, makes room.
    assert not group(first)
    supervisor.stop()


def test_a_fault_keeps_it_down_and_starts_it_again(supervisor: Supervisor, tmp_path: Path) -> None:
    process = started(supervisor, tmp_path)
    supervisor.watch()
    with process.down():
        time.sleep(1.5)
        assert process.exit_code == -signal.SIGKILL
    assert process.exit_code is None
    assert supervisor.exits == []
    supervisor.stop()


def test_nothing_is_left_at_the_end(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.chaos.processes.STOP_SECONDS", 1)
    processes = [started(supervisor, tmp_path, name) for name in ("broker", "worker")]
    supervisor.watch()
    processes[1].signal_group(signal.SIGSTOP)
    supervisor.stop()
    assert not [pid for process in processes for pid in group(process.pid)]


def test_a_fault_that_ends_late_starts_nothing(supervisor: Supervisor, tmp_path: Path) -> None:
    """The fault is told to end, and is waited for; what it starts again is stopped, too."""
    process = started(supervisor, tmp_path)
    supervisor.watch()
    ending = threading.Event()

    def fault() -> None:
        with process.down():
            ending.wait(SECONDS)
            time.sleep(0.5)

    thread = threading.Thread(target=fault)
    thread.start()
    until(lambda: process.exit_code is not None)
    ending.set()
    supervisor.stop()
    thread.join()
    assert not group(process.pid)
