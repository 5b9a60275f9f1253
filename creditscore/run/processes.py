"""A handful of processes that live and end together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Self

STOP_SECONDS = 10
TICK = 0.1


class ProcessDied(Exception):
    """One of the processes has ended by itself."""


class StopRequested(Exception):
    """SIGINT or SIGTERM came."""


class Processes:
    """Starts processes, each in a group of its own, and ends all that they have started.

    As a context manager it owns SIGINT and SIGTERM: they are noted and acted on in `watch`, so no
    signal can come between a process's start and its record here.
    """

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stop_requested = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        return self

    def __exit__(self, *_details: object) -> None:
        """End all of them, the first one last: the others talk to it while they end."""
        names = list(self._running)
        self._stop(names[1:])
        self._stop(names[:1])

    def start(self, name: str, command: Sequence[str]) -> None:
        self._running[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch(self) -> None:
        """Wait a moment. Raises `StopRequested` or `ProcessDied`."""
        time.sleep(TICK)
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
            # Whatever is left of the group: a process that hangs, or children whose parent has died.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
