"""The containers of docker-compose.yml, run by hand: their commands and health checks, without an engine."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from tests.support.database import database_url
from tests.support.processes import READY_SECONDS, STOP_SECONDS, free_port

COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()
TRIAL: dict[str, str] = {}
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "s" * 50,
    "JWT_SIGNING_KEY": "j" * 50,
    "POSTGRES_PASSWORD": "p" * 20,
    "ALLOWED_HOSTS": "creditscore.example",
    "SITE_URL": "https://creditscore.example",
    "PAYMENT_PROVIDER": "billing.payments.InstantTestProvider",
    "EMAIL_URL": "smtp://mail.example.org:25",
}
DEFAULT = re.compile(r"\$\{([A-Z_]+):-([^{}]*)\}")


def environment_of(role: str, given: dict[str, str]) -> dict[str, str]:
    """What Compose sets in the container of a role, if `given` is what an operator has set."""
    names = SERVICES[role]["environment"]
    passed_on = {name: given[name] for name, value in names.items() if value is None and name in given}
    return passed_on | {name: _resolved(value, given) for name, value in names.items() if value is not None}


def _resolved(text: str, given: dict[str, str]) -> str:
    """`text` with its variables, the innermost first."""
    while match := DEFAULT.search(text):
        text = text.replace(match[0], given.get(match[1]) or match[2])
    assert "$" not in text
    return text


class Container:
    """A role's command and health check, as the compose file has them; the keys are made before."""

    def __init__(self, role: str, folder: Path, given: dict[str, str] = PRODUCTION) -> None:
        self.service = SERVICES[role]
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"{role}.log"
        volume = folder / "keys"
        volume.mkdir(exist_ok=True)
        self.environment = _usual() | environment_of("keys", given)
        *command, mounted_at = SERVICES["keys"]["command"]
        made = self.run(*command, str(volume))
        assert made.returncode == 0, made.stderr
        (volume / "database_url").write_text(database_url())
        in_volume = {
            name: value.replace(mounted_at, str(volume)) if name.endswith("_FILE") else value
            for name, value in environment_of(role, given).items()
        }
        own = {
            "VAR_DIR": str(folder / "var"),
            "REDIS_URL": settings.REDIS_URL,
            "WEB_CONCURRENCY": "1",
            "WORKER_CONCURRENCY": "1",
            "PORT": str(self.port),
        }
        self.environment = _usual() | in_volume | own

    @property
    def command(self) -> list[str]:
        default = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.M)
        assert default
        return list(self.service.get("command") or yaml.safe_load(default[1]))

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=READY_SECONDS,
            check=False,
        )

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def check(self) -> "subprocess.CompletedProcess[str]":
        kind, *command = self.service["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(*command)

    def wait_healthy(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while (result := self.check()).returncode:
            assert self.process
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, result.stderr + self.log.read_text()

    def stop(self) -> int:
        """As an engine does it."""
        assert self.process
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)


def _usual() -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.fixture
def container(
    request: pytest.FixtureRequest, transactional_db: None, catalog: None, tmp_path: Path
) -> Iterator[Container]:
    role, given = request.param if isinstance(request.param, tuple) else (request.param, PRODUCTION)
    container = Container(role, tmp_path, given)
    yield container
    if container.process:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(container.process.pid, signal.SIGKILL)
        container.process.wait()
        print(container.log.read_text())
