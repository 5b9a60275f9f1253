"""Processes under control: each can be killed, frozen and started again, and is revived if it dies."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.chaos.history import Exit

STOP_SECONDS = 10
# How long a process that has died stays away, as under a supervisor of containers.
REVIVE_SECONDS = 1.0
POLL_SECONDS = 0.2


class Process:
    """A command in a process group of its own, which appends what it prints to `log`."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, user: str | None
    ) -> None:
        self.name, self.log = name, log
        self._command, self._environment, self._user = command, environment, user
        self._process: subprocess.Popen[bytes] | None = None
        # Held while a fault is at work here: nobody else starts it then.
        self.held = threading.Lock()

    @property
    def pid(self) -> int:
        assert self._process, f"{self.name} has not been started"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    @property
    def children(self) -> list[int]:
        return sorted(pid for pid, parent in parents().items() if parent == self.pid)

    def start(self) -> None:
        """Start it, after the end of whatever is left of it: children outlive a parent that was killed."""
        self.kill_group()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
                user=self._user,
            )

    def kill(self) -> None:
        """Kill the first process of the group alone, as a shortage of memory does."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: int) -> None:
        """Send a signal to the first process of the group, unless it has ended."""
        assert self._process, f"{self.name} has not been started"
        self._process.send_signal(number)

    def wait(self) -> None:
        assert self._process, f"{self.name} has not been started"
        self._process.wait(STOP_SECONDS)

    def signal_group(self, number: int) -> None:
        """Send a signal to what there is of the group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill_group(self) -> None:
        if self._process:
            self.signal_group(signal.SIGKILL)
            self._process.wait()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Kill it, and start it again at the end."""
        with self.held:
            self.kill()
            try:
                yield
            finally:
                self.start()


class Supervisor:
    """Starts processes again that ended although no fault had killed them, and notes each such end."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self.exits: list[Exit] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def add(self, process: Process) -> Process:
        self.processes[process.name] = process
        process.start()
        return process

    def watch(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop all processes, database and broker last, and let nobody start one again.

        Faults that are still there have been told to end: they are waited for.
        """
        self._stopping.set()
        if self._thread.ident:
            self._thread.join()
        for process in self.processes.values():
            process.held.acquire(timeout=STOP_SECONDS)
        stores = [process for process in self.processes.values() if process.name in ("database", "broker")]
        roles = [process for process in self.processes.values() if process not in stores]
        for group in (roles, stores):
            for process in group:
                process.signal_group(signal.SIGCONT)
                process.signal(signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while any(process.exit_code is None for process in group) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            for process in group:
                process.kill_group()

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for process in self.processes.values():
                if process.held.acquire(blocking=False):
                    try:
                        self._revive(process)
                    finally:
                        process.held.release()

    def _revive(self, process: Process) -> None:
        code = process.exit_code
        if code is not None:
            self.exits.append(Exit(process.name, time.time(), code))
            if not self._stopping.wait(REVIVE_SECONDS):
                process.start()


def parents() -> dict[int, int]:
    """The parent of every process of this machine."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # It may end in between. The name of the command, in parentheses, may have any character.
            with contextlib.suppress(OSError):
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return found
