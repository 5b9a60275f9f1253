"""Runs the whole service in one terminal: ``python -m creditscore.run.local``, or `make run`.

Broker, web, workers, mailer and clock start and stop together, and start again when they die. Settings come
from the environment and from `.env`, which the first start creates.
"""

import fcntl
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TextIO

import django
import environ
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from redis import Redis
from redis.exceptions import RedisError

from creditscore.celery import app
from creditscore.run import broker, probe
from creditscore.run.processes import ProcessDied, Processes, StopRequested
from telemetry import files

# The worker that computes explanations, at low priority.
EXPLAINER = ("--queues", "explanations", "--hostname", "explainer@%h", "--concurrency", "1")
# The worker that checks and scores files, at the lowest priority.
BULK = ("--queues", "bulk", "--hostname", "bulk@%h", "--concurrency", "2")
# The worker that trains new versions, in a process of its own for each.
TRAINER = ("--queues", "training", "--hostname", "trainer@%h", "--pool", "threads", "--concurrency", "1")
# The worker that sends mails. It waits for mail servers, so a thread is enough.
MAILER = ("--queues", "outbound", "--hostname", "mailer@%h", "--pool", "threads", "--concurrency", "1")

BASE_DIR = Path(__file__).resolve().parents[2]
BROKER_SECONDS = 5
START_SECONDS = 120
ENV_TEMPLATE = """\
# Created at the first start, for this machine only. `.env.example` explains every variable;
# environment variables take precedence over this file.
SECRET_KEY={secret_key}
JWT_SIGNING_KEY={jwt_signing_key}
# The opening balance of a new customer.
WELCOME_CREDIT=500.00
"""


def main() -> None:
    # Ctrl-C stops the service from here on, even if the parent, such as a shell's background, ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(BASE_DIR)
    read_environment(Path(os.environ.get("ENV_FILE", ".env")))
    port = free_port(os.environ.setdefault("PORT", "8000"))
    with lock(settings.VAR_DIR):
        files.empty()
        prepare_database()
        run(port)


def read_environment(file: Path) -> None:
    """Load `file` into `os.environ`; creates it with new keys if it does not exist."""
    if not file.exists():
        content = ENV_TEMPLATE.format(
            secret_key=secrets.token_urlsafe(50), jwt_signing_key=secrets.token_urlsafe(50)
        )
        file.touch(mode=0o600, exist_ok=False)
        file.write_text(content)
        print(f"Wrote {file} with new keys")
    environ.Env.read_env(file)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditscore.settings")


def free_port(text: str) -> int:
    """Return the port as a number; exits if it cannot be used."""
    try:
        port = int(text)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (ValueError, OverflowError, OSError) as error:
        sys.exit(f"Port {text} cannot be used ({error}). Choose another one: PORT=18000 make run")
    return port


def lock(folder: Path) -> TextIO:
    """Lock `folder` until this process ends; exits if another service runs from it.

    Two services would replace each other's broker.
    """
    # WhiteNoise warns if this folder does not exist.
    (folder / "static").mkdir(parents=True, exist_ok=True)
    file = (folder / "run.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"The service is running from {folder} already.")
    return file


def prepare_database() -> None:
    django.setup()
    for command in ("migrate", "provision", "create_operator"):
        call_command(command, verbosity=0)
    connections.close_all()


def commands() -> dict[str, list[str]]:
    """Return the command of each role, in the order in which they start."""
    celery = [sys.executable, "-m", "celery", "-A", "creditscore", "--quiet"]
    worker = [*celery, "worker", "--loglevel", "WARNING"]
    return {
        "web": [sys.executable, "-m", "gunicorn", "creditscore.wsgi"],
        "worker": [*worker, "--queues", "orders"],
        "explainer": [*worker, *EXPLAINER],
        "bulk": [*worker, *BULK],
        "trainer": [*worker, *TRAINER],
        # A mail server that is slow must not delay orders.
        "mailer": [*worker, *MAILER],
        "clock": [*celery, "beat", "--pidfile=", "--loglevel", "WARNING"],
    }


def run(port: int) -> None:
    """Start all processes, print the address once they are healthy, and wait until they are stopped."""
    # The web role shows the counts of all; a port would be taken by the worker and missed by the mailer.
    os.environ["METRICS_PORT"] = "0"
    with Processes() as processes:
        try:
            start_broker(processes)
            for role, command in commands().items():
                processes.start(role, command)
            wait_until_healthy(processes, port)
            announce(port)
            while True:
                processes.watch()
        except StopRequested:
            print("Stopping.")
        except ProcessDied as error:
            sys.exit(f"{error}; the others are stopped.")


def start_broker(processes: Processes) -> None:
    """Start the embedded broker unless `REDIS_URL` is set; returns when the broker answers."""
    if not {"REDIS_URL", "REDIS_URL_FILE"} & os.environ.keys():
        listening_socket = Path(settings.REDIS_URL.removeprefix("unix://"))
        try:
            # A new one would be empty, and all delays of log-ins would end unseen.
            processes.start("broker", broker.command(listening_socket), restarts=False)
        except broker.NoEmbeddedBroker:
            sys.exit(
                "There is no embedded Valkey server for this platform. Start Redis or Valkey and set its "
                "address: REDIS_URL=redis://127.0.0.1:6379/0 make run"
            )
    deadline = time.monotonic() + BROKER_SECONDS
    while not broker_answers():
        processes.watch()
        if time.monotonic() > deadline:
            sys.exit("The broker does not answer. Check REDIS_URL.")


def broker_answers() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=1) as client:
            return bool(client.ping())
    except RedisError:
        return False


def wait_until_healthy(processes: Processes, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(port):
        processes.watch()
        if time.monotonic() > deadline:
            sys.exit(f"The service is not healthy after {START_SECONDS} s.")


def is_healthy(port: int) -> bool:
    try:
        probe.check_web(port)
    except probe.Unhealthy:
        return False
    return bool(app.control.ping(timeout=1, limit=1))


def announce(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    print(f"\nCreditscore is ready: {address}/   API: {address}/docs/")
    password = settings.VAR_DIR / "operator-password"
    if password.exists():
        print(f"Operator: {address}/admin/ as 'operator', one-time password {password.read_text().strip()}")
    print("Ctrl-C stops it.\n", flush=True)


if __name__ == "__main__":
    main()
