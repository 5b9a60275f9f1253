"""`make run`, in a folder of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.processes import free_port

START_SECONDS = 180
STOP_SECONDS = 120


class Service:
    """The runner with a folder, a `.env` and a port of its own, as in an empty clone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.log = folder / "log"
        self.port = free_port()

    def start(self, *, ignores_ctrl_c: bool = False, **environment: str) -> None:
        """Start it; its parent may be one that ignores SIGINT, as a shell does for its background."""
        usual = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        own = {
            "VAR_DIR": str(self.var),
            "ENV_FILE": str(self.folder / ".env"),
            "PORT": str(self.port),
            "WORKER_CONCURRENCY": "1",
            "TMPDIR": str(self.folder),
        }
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN if ignores_ctrl_c else signal.SIG_DFL)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "creditscore.run.local"],
                cwd=settings.BASE_DIR,
                env=usual | own | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # The usual one of a shell, whatever that of the tests is.
                umask=0o022,
            )
        signal.signal(signal.SIGINT, handler)

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while text not in self.printed:
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.05)

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.get("/healthz")
            except OSError:
                assert time.monotonic() < deadline, self.printed
                time.sleep(0.05)
            else:
                return

    def press_ctrl_c(self) -> int:
        """As a terminal does it: the signal goes to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    @property
    def printed(self) -> str:
        return self.log.read_text()

    @property
    def commands(self) -> dict[int, str]:
        """The service's processes: those with its folder in their environment."""
        mark = f"VAR_DIR={self.var}\0".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                # It has ended in between.
                continue
        return found

    def pid_of(self, part: str) -> int:
        return min(pid for pid, command in self.commands.items() if part in command)

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    print(service.printed)
    for pid in service.commands:
        os.kill(pid, signal.SIGKILL)
