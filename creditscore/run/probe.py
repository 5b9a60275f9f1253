"""Health check of a role, for containers: ``python -m creditscore.run.probe ROLE``.

Exits with 0 or 1. A running process may still do nothing, such as a worker that has lost its broker, so
each role is checked by what it does.
"""

import json
import os
import socket
import sys
import urllib.request

import django
from django.conf import settings
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from creditscore.celery import app


class Unhealthy(Exception):
    """The message says why."""


def check_web(port: int) -> None:
    """Raises `Unhealthy` unless /healthz answers 200, as it does even without a broker."""
    host = settings.ALLOWED_HOSTS[0].removeprefix("*").removeprefix(".") or "localhost"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            json.load(answer)
    except (OSError, ValueError) as error:
        raise Unhealthy(f"/healthz does not answer: {error}") from error


def check_worker(name: str) -> None:
    """Raises `Unhealthy` if the worker does not answer or a prediction is pending for too long."""
    from creditscore.run import checks
    from predictions.jobs.monitor import oldest_pending_seconds

    check_answer(name)
    if (seconds := oldest_pending_seconds()) > checks.MAX_PENDING_SECONDS:
        raise Unhealthy(f"a prediction has been pending for {seconds:.0f} s")


def check_answer(name: str) -> None:
    """Raises `Unhealthy` if this worker does not answer."""
    if not app.control.ping(destination=[name], timeout=2):
        raise Unhealthy(f"{name} does not answer")


def check_clock() -> None:
    """Raises `Unhealthy` if the monitor is enabled and has not been sent recently."""
    from creditscore.run import checks

    clock = checks.clock()
    if not clock.ok:
        raise Unhealthy(f"the monitor's last run was at {clock.last_run}")


def main() -> None:
    django.setup()
    role = sys.argv[1]
    try:
        if role == "web":
            check_web(int(os.environ.get("PORT", "8000")))
        elif role == "worker":
            check_worker(f"celery@{socket.gethostname()}")
        elif role in ("explainer", "bulk", "trainer", "mailer"):
            check_answer(f"{role}@{socket.gethostname()}")
        elif role == "clock":
            check_clock()
        else:
            sys.exit(f"There is no role {role!r}.")
    except (Unhealthy, DatabaseError, OperationalError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
