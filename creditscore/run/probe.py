"""Is this role healthy? ``python -m creditscore.run.probe web|worker|clock`` exits 0 or 1; containers ask it.

A process that is there proves nothing: a worker can have lost its broker and wait for ever. So each
role is asked for what it is there to do.
"""

import json
import os
import socket
import sys
import urllib.request
from datetime import timedelta

import django
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from kombu.exceptions import OperationalError

from creditscore.celery import app

# Open predictions wait for milliseconds; this long, and nobody is at work.
PATIENCE = timedelta(minutes=1)
MONITOR = "predictions.tasks.monitor"


class Unhealthy(Exception):
    """The message says why."""


def check_web(port: int) -> None:
    """The page answers 200; a broker that is down delays results, but orders can be taken."""
    host = settings.ALLOWED_HOSTS[0].removeprefix("*").removeprefix(".") or "localhost"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            json.load(answer)
    except (OSError, ValueError) as error:
        raise Unhealthy(f"/healthz does not answer: {error}") from error


def check_worker(name: str) -> None:
    """The worker answers, and no prediction has been waiting for long."""
    from predictions.jobs.monitor import oldest_pending_seconds

    if not app.control.ping(destination=[name], timeout=2):
        raise Unhealthy(f"{name} does not answer")
    if (seconds := oldest_pending_seconds()) > PATIENCE.total_seconds():
        raise Unhealthy(f"a prediction has been waiting for {seconds:.0f} s")


def check_clock() -> None:
    """The monitor was sent out lately, unless an operator has switched it off."""
    from django_celery_beat.models import PeriodicTask

    for task in PeriodicTask.objects.filter(task=MONITOR, enabled=True).select_related("interval"):
        period = timedelta(**{task.interval.period: task.interval.every}) if task.interval else timedelta()
        if not task.last_run_at or timezone.now() - task.last_run_at > 3 * period + PATIENCE:
            raise Unhealthy(f"the monitor's last run was at {task.last_run_at}")


def main() -> None:
    django.setup()
    role = sys.argv[1]
    try:
        if role == "web":
            check_web(int(os.environ.get("PORT", "8000")))
        elif role == "worker":
            check_worker(f"celery@{socket.gethostname()}")
        elif role == "clock":
            check_clock()
        else:
            sys.exit(f"There is no role {role!r}.")
    except (Unhealthy, DatabaseError, OperationalError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
