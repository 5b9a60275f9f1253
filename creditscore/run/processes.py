"""Runs several processes that stop together; those that can be are started again when they die."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Self

# Longer than a worker takes at most, which then leaves its mails to the next one.
STOP_SECONDS = 15
POLL_SECONDS = 0.1
# Seconds before a process that has died is started again: after its first death in a row, its second, and
# so on. One more death in the same row is a fault that starting again does not cure.
PAUSES: Sequence[float] = (1, 2, 4, 8, 16, 30)
# A process that has lived for this long begins a new row.
STEADY_SECONDS = 30


class ProcessDied(Exception):
    """A process has ended on its own, and is not started again."""


class StopRequested(Exception):
    """A signal asked the processes to stop."""


class _Child:
    """A process in a group of its own. `deaths` are those in a row."""

    def __init__(self, name: str, command: Sequence[str], restarts: bool) -> None:
        self.name, self._command, self._restarts = name, command, restarts
        self._deaths, self._due = 0, 0.0
        self._start()

    def _start(self) -> None:
        # In the session of all: Linux shares processor time among sessions first (autogroup), and then what
        # works at low priority in one of them would not give way to the others.
        self.process: subprocess.Popen[bytes] | None = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, process_group=0
        )
        self._started = time.monotonic()

    def watch(self) -> None:
        """Start the process again if it has died and its pause is over. Raises `ProcessDied`."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._due:
                self._start()
        elif self.process.poll() is not None:
            ended = f"{self.name} has ended with code {self.process.returncode}"
            self.finish(0)
            self._deaths = self._deaths + 1 if now - self._started < STEADY_SECONDS else 1
            if not self._restarts:
                raise ProcessDied(ended)
            if self._deaths > len(PAUSES):
                raise ProcessDied(f"{ended}, {self._deaths} times in a row")
            pause = PAUSES[self._deaths - 1]
            print(f"{ended}. It is started again in {pause} s.", flush=True)
            self._due = now + pause

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def finish(self, seconds: float) -> None:
        """Wait for the end for at most `seconds`, and kill what is left of the group.

        That is a process that hangs, or children whose parent has died.
        """
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


class Processes:
    """Starts processes, each in its own process group, and stops them with all their children.

    As a context manager it handles SIGINT, SIGTERM and SIGHUP: they set a flag that `watch` checks, so a
    signal cannot interrupt between starting a process and recording it.
    """

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._stop_requested = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        return self

    def __exit__(self, *_details: object) -> None:
        """Stop all processes, the first one last: the others use it while they stop."""
        _stop(self._children[1:])
        _stop(self._children[:1])

    def start(self, name: str, command: Sequence[str], *, restarts: bool = True) -> None:
        """Start a process. If it dies, all end, unless it `restarts`."""
        self._children.append(_Child(name, command, restarts))

    def watch(self) -> None:
        """Wait a moment, and start again what has died. Raises `StopRequested` or `ProcessDied`."""
        time.sleep(POLL_SECONDS)
        if self._stop_requested:
            raise StopRequested
        for child in self._children:
            child.watch()

    def _request_stop(self, _number: int, _frame: object) -> None:
        self._stop_requested = True


def _stop(children: Sequence[_Child]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.finish(max(0, deadline - time.monotonic()))
