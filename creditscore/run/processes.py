"""Runs several processes that stop together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Self

STOP_SECONDS = 10
POLL_SECONDS = 0.1


class ProcessDied(Exception):
    """One of the processes has ended on its own."""


class StopRequested(Exception):
    """A signal asked the processes to stop."""


class Processes:
    """Starts processes, each in its own process group, and stops them with all their children.

    As a context manager it handles SIGINT, SIGTERM and SIGHUP: they set a flag that `watch` checks, so a
    signal cannot interrupt between starting a process and recording it.
    """

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stop_requested = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        return self

    def __exit__(self, *_details: object) -> None:
        """Stop all processes, the first one last: the others use it while they stop."""
        names = list(self._running)
        self._stop(names[1:])
        self._stop(names[:1])

    def start(self, name: str, command: Sequence[str]) -> None:
        self._running[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch(self) -> None:
        """Wait a moment. Raises `StopRequested` or `ProcessDied`."""
        time.sleep(POLL_SECONDS)
        if self._stop_requested:
            raise StopRequested
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessDied(f"{name} has ended with code {process.returncode}")

    def _request_stop(self, _number: int, _frame: object) -> None:
        self._stop_requested = True

    def _stop(self, names: Sequence[str]) -> None:
        processes = [self._running[name] for name in names]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            # What is left of the group: a process that hangs, or children whose parent has died.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
