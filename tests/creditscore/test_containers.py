"""The container files, without a container engine: each role's command and health check are run.

The database and broker are those of the tests; all other settings are those of the compose file.
"""

import contextlib
import http.client
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
from django_celery_beat.models import PeriodicTask

from predictions.models import ScoringModel
from tests.support.database import database_url
from tests.support.processes import READY_SECONDS, STOP_SECONDS, free_port

COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()
ROLES = ["web", "worker", "explainer", "mailer", "clock"]


class Container:
    """A role's command and health check, as the compose file has them."""

    def __init__(self, role: str, folder: Path) -> None:
        self.service = SERVICES[role]
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"{role}.log"
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PRODUCTION": "1",
            "SECRET_KEY": "s" * 50,
            "JWT_SIGNING_KEY": "j" * 50,
            "ALLOWED_HOSTS": "creditscore.example",
            "SITE_URL": "https://creditscore.example",
            "PAYMENT_PROVIDER": "billing.payments.InstantTestProvider",
            "EMAIL_URL": "smtp://mail.example.org:25",
            "HTTPS": "1",
            "NUM_PROXIES": "1",
            "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "WEB_CONCURRENCY": "1",
            "WORKER_CONCURRENCY": "1",
            "PORT": str(self.port),
        }

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


@pytest.fixture
def container(
    request: pytest.FixtureRequest, transactional_db: None, catalog: None, tmp_path: Path
) -> Iterator[Container]:
    container = Container(request.param, tmp_path)
    yield container
    if container.process:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(container.process.pid, signal.SIGKILL)
        container.process.wait()
        print(container.log.read_text())


@pytest.mark.django_db(transaction=True)
def test_migrate_ends_with_a_catalog_and_a_schedule(tmp_path: Path) -> None:
    result = Container("migrate", tmp_path).run(*SERVICES["migrate"]["command"])
    assert result.returncode == 0, result.stderr
    assert ScoringModel.objects.count() == 3
    assert PeriodicTask.objects.filter(task="predictions.tasks.monitor").exists()


@pytest.mark.parametrize("container", ["web"], indirect=True)
def test_web_serves_pages_and_hashed_files_behind_a_proxy(container: Container) -> None:
    collect = container.run("python", "manage.py", "collectstatic", "--noinput")
    assert collect.returncode == 0, collect.stderr
    assert container.check().returncode == 1
    container.start()
    container.wait_healthy()

    status, _, page = fetch(container.port, "/")
    assert status == 200
    styles = set(re.findall(r'href="(/static/[^"]+\.css)"', page))
    assert styles
    for style in styles:
        assert re.search(r"\.[0-9a-f]{12}\.css$", style), style
        assert fetch(container.port, style)[0] == 200
    # Without the proxy's word for it, a request is not taken for a secure one.
    assert fetch(container.port, "/", "http")[:2] == (301, "https://creditscore.example/")
    assert container.stop() == 0


@pytest.mark.parametrize("container", ["worker", "explainer"], indirect=True)
def test_workers_are_healthy_while_they_answer(container: Container) -> None:
    container.start()
    container.wait_healthy()
    assert container.process
    # Explanations give way to orders.
    is_explainer = "explanations" in container.command
    niceness = os.getpriority(os.PRIO_PROCESS, container.process.pid)
    assert niceness - os.getpriority(os.PRIO_PROCESS, 0) == (10 if is_explainer else 0)
    assert container.stop() == 0
    result = container.check()
    assert result.returncode == 1
    assert "does not answer" in result.stderr


@pytest.mark.parametrize("container", ["clock"], indirect=True)
def test_clock_is_healthy_while_the_monitor_is_sent_out(container: Container) -> None:
    assert "last run was at None" in container.check().stderr
    container.start()
    container.wait_healthy()
    assert container.stop() == 0
    PeriodicTask.objects.filter(task="predictions.tasks.monitor").update(last_run_at="2026-01-01T00:00Z")
    assert "last run was at 2026-01-01" in container.check().stderr
    PeriodicTask.objects.update(enabled=False)
    assert container.check().returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    # A one-shot's health is its exit code.
    assert service["healthcheck"].get("test") or service["restart"] == "no"
    published = name == "web"
    assert ("ports" in service) is published
    assert ("frontend" in service["networks"]) is published
    assert ("outbound" in service["networks"]) is (name == "mailer")


def test_the_image_runs_as_nobody_in_particular_and_keeps_no_secret() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)
    assert len(stages) == 3, "a build stage, and one that has none of its tools"
    assert re.search(r"^USER \d+:\d+$", stages[-1], re.M)
    assert not re.search(r"^(ENV|ARG).*(KEY|PASSWORD)", DOCKERFILE, re.M)
    assert "pip" not in stages[-1]


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "JWT_SIGNING_KEY", "ALLOWED_HOSTS", "SITE_URL", "POSTGRES_PASSWORD"]
)
def test_secrets_have_no_default(name: str) -> None:
    uses = re.findall(rf"\${{{name}([^}}]*)}}", (settings.BASE_DIR / "docker-compose.yml").read_text())
    assert uses
    assert all(use.startswith(":?") for use in uses)


def fetch(port: int, path: str, scheme: str = "https") -> tuple[int, str | None, str]:
    """Status, redirect and body of what the proxy gets that asks on behalf of a browser."""
    headers = {"Host": "creditscore.example", "X-Forwarded-Proto": scheme, "X-Forwarded-For": "192.0.2.1"}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location"), answer.read().decode()


@pytest.mark.parametrize("role", ROLES)
def test_the_temporary_folder_is_bounded(role: str) -> None:
    assert [folder for folder in SERVICES[role]["tmpfs"] if re.fullmatch(r"/tmp:size=\d+m", folder)]
