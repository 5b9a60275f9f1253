"""The whole service in a folder of its own, with every role of `make run` as a process under control."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

from creditscore.run import local
from tests.chaos import disk, stores
from tests.chaos.plan import LEASE_SECONDS
from tests.chaos.processes import Process, Supervisor
from tests.chaos.receiver import Receiver
from tests.chaos.stores import Broker, Postgres
from tests.support.processes import free_port

# Roles of `make run` that run more than once here: the second one needs a name of its own.
SECOND_WORKER = ["--hostname", "second@%h"]
SETTINGS = {
    "WORKER_CONCURRENCY": "1",
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "MONITOR_SECONDS": "1",
    "DEADLINE_SECONDS": "60",
    "JWT_ACCESS_MINUTES": "120",
    # Customers of the site press no button of a review.
    "CONFIRM_FROM": "1000000",
    # Nobody has to stop sending files.
    "FILES_PER_MINUTE": "0",
    "OPEN_FILES": "0",
    # The receiver of webhooks is on this machine.
    "WEBHOOK_ALLOW_PRIVATE": "1",
}
WEB, BULK, MAILER, BROKER, DATABASE = "web", "bulk", "mailer", "broker", "database"


class Service:
    """As a context manager it starts everything, and stops it whatever happens.

    `workers` are the names of the processes that score; `roles` are those of `make run`. With `has_disk`,
    files are on a disk of their own.
    """

    def __init__(self, folder: Path, database: str, seed: int, *, has_disk: bool = False) -> None:
        self.folder, self.database, self.has_disk = folder, database, has_disk
        self.port = free_port()
        self.artifacts, self.var, self.logs = folder / "artifacts", folder / "var", folder / "logs"
        self.postgres = Postgres(folder / "postgres") if database == "postgres" else None
        # The pairs that customers run: SQLite with the embedded broker, PostgreSQL with Redis.
        is_redis = self.postgres is not None and shutil.which("redis-server") is not None
        self.broker = Broker(self.var, is_redis=is_redis)
        self.roles = local.commands()
        self.workers = ("worker", "worker-2")
        self.supervisor = Supervisor()
        self.receiver = Receiver(free_port(), f"receiver {seed}")

    def __getitem__(self, name: str) -> Process:
        return self.supervisor.processes[name]

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        self._stop()
        self.receiver.stop()

    @property
    def present(self) -> list[str]:
        """What faults may need."""
        return [*self.roles, self.database, *(["disk"] if self.has_disk else [])]

    @property
    def files(self) -> Path:
        """The default of FILES_DIR."""
        return self.var / "files"

    @property
    def sqlite_file(self) -> Path:
        return self.var / "db.sqlite3"

    def last_claim(self) -> float:
        """When the bulk role took what it is working on, in seconds since the epoch; 0 if it has nothing."""
        found = self.postgres.last_claim() if self.postgres else stores.last_claim(self.sqlite_file)
        return found.timestamp() if found else 0.0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Python command of the service to its end."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=local.BASE_DIR,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def _start(self) -> None:
        # PostgreSQL, as another user, passes through.
        self.folder.chmod(0o755)
        for folder in (self.logs, self.folder / "tmp", self.var / "static"):
            folder.mkdir(parents=True)
        self.files.mkdir(mode=0o700)
        if self.has_disk:
            disk.mount(self.files)
        shutil.copytree(local.BASE_DIR / "ml_artifacts", self.artifacts)
        self.environment = self._environment()
        self._add(BROKER, self.broker.command)
        self.broker.wait_ready()
        if self.postgres:
            self.postgres.create()
            self._add(DATABASE, self.postgres.command, self.postgres.user)
            self.postgres.wait_ready()
            self.postgres.create_database()
        prepared = self.run("-c", "from creditscore.run import local; local.prepare_database()")
        if prepared.returncode:
            sys.exit(f"The database could not be prepared:\n{prepared.stdout}")
        for role, command in self.roles.items():
            self._add(role, command)
            if role == "worker":
                self._add(self.workers[1], [*command, *SECOND_WORKER])
        self.supervisor.watch()
        self.receiver.start()

    def _stop(self) -> None:
        self.supervisor.stop()
        if self.files.is_mount():
            disk.unmount(self.files)

    def _add(self, name: str, command: list[str], user: str | None = None) -> None:
        log = self.logs / f"{name}.log"
        self.supervisor.add(Process(name, command, self.environment, log, user))

    def _environment(self) -> dict[str, str]:
        """That of this process, without what would lead to somebody's real data."""
        usual = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        if self.postgres:
            usual["DATABASE_URL"] = self.postgres.url
        return (
            usual
            | SETTINGS
            | {
                "DJANGO_SETTINGS_MODULE": "creditscore.settings",
                "ENV_FILE": os.devnull,
                "REDIS_URL": self.broker.url,
                "VAR_DIR": str(self.var),
                "ARTIFACTS_DIR": str(self.artifacts),
                "TMPDIR": str(self.folder / "tmp"),
                "PORT": str(self.port),
                "BIND": f"127.0.0.1:{self.port}",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
            }
        )
