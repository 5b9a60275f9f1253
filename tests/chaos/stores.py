"""The broker and the database of a run."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from redis import Redis
from redis.exceptions import RedisError

from creditscore.run import broker as embedded
from tests.support.processes import free_port

READY_SECONDS = 30
HOST = "127.0.0.1"
# When the bulk role last took something of a file that it is still working on: a chunk to score, or a file to
# check that is too large for the web role.
CLAIMED = """SELECT MAX(at) FROM (
    SELECT claimed_at AS at FROM predictions_batchchunk WHERE status = 'running' AND claim IS NOT NULL
    UNION ALL SELECT claimed_at FROM predictions_batch
    WHERE status = 'validating' AND claim IS NOT NULL AND size > 200000
) AS claimed"""
# Locks an SQLite file until its input ends.
LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


class NotReady(Exception):
    """A store did not answer in time."""


class Broker:
    """The embedded Valkey on a Unix socket, or a Redis server."""

    def __init__(self, folder: Path, *, is_redis: bool) -> None:
        if is_redis:
            port = free_port()
            self.url = f"redis://{HOST}:{port}/0"
            self.command = ["redis-server", "--port", str(port), "--bind", HOST, "--save", ""]
            self.command += ["--dir", str(folder), "--maxmemory-policy", "noeviction"]
        else:
            socket = folder / "broker.sock"
            self.url = f"unix://{socket}"
            self.command = embedded.command(socket)

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5)

    def wait_ready(self) -> None:
        def answers() -> bool:
            with contextlib.suppress(RedisError), self.client() as client:
                return bool(client.ping())
            return False

        wait_for(answers, "the broker")

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """It refuses to store anything."""
        with self.client() as client:
            before = client.config_get("maxmemory")["maxmemory"]
            client.config_set("maxmemory", 1)
            try:
                yield
            finally:
                client.config_set("maxmemory", before)

    def empty(self) -> None:
        with self.client() as client:
            client.flushall()


class Postgres:
    """A cluster of its own. The server refuses to run as root, so it then runs as nobody."""

    name = "creditscore"

    def __init__(self, folder: Path) -> None:
        self.user = "nobody" if os.geteuid() == 0 else None
        self._folder = folder
        self._binaries = _postgres_binaries()
        self._port = free_port()
        self.url = f"postgres://postgres@{HOST}:{self._port}/{self.name}"
        self.command = [str(self._binaries / "postgres"), "-D", str(folder), "-p", str(self._port)]
        self.command += ["-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories="]

    def create(self) -> None:
        self._folder.mkdir(mode=0o700)
        if self.user:
            shutil.chown(self._folder, self.user)
        options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        command = [str(self._binaries / "initdb"), "-D", str(self._folder), *options]
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL, cwd=self._folder)

    def create_database(self) -> None:
        self._execute(f"CREATE DATABASE {self.name}")

    def wait_ready(self) -> None:
        def answers() -> bool:
            with contextlib.suppress(psycopg2.OperationalError):
                self._execute("SELECT 1")
                return True
            return False

        wait_for(answers, "PostgreSQL")

    def cut_connections(self) -> None:
        """End every connection of the service at once."""
        self._execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'"  # noqa: S608
        )

    def last_claim(self) -> datetime | None:
        """None also if the server does not answer."""
        with contextlib.suppress(psycopg2.Error):
            connection = psycopg2.connect(self.url, connect_timeout=2)
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute(CLAIMED)
                return time_of(cursor.fetchone()[0])
        return None

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(host=HOST, port=self._port, user="postgres", dbname="postgres")
        with contextlib.closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)


def last_claim(file: Path) -> datetime | None:
    """The same for SQLite."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(file)) as connection:
        return time_of(connection.execute(CLAIMED).fetchone()[0])
    return None


def time_of(found: datetime | str | None) -> datetime | None:
    """SQLite has text, in UTC."""
    return datetime.fromisoformat(found).replace(tzinfo=UTC) if isinstance(found, str) else found


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process holds the write lock of an SQLite file."""
    command = [sys.executable, "-c", LOCK, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        if process.stdout.readline() != b"locked\n":
            raise NotReady(f"{file} could not be locked")
        try:
            yield
        finally:
            # Closes its input, and waits for its end.
            process.communicate()


def wait_for(answers: Callable[[], bool], name: str) -> None:
    """Raises `NotReady`."""
    deadline = time.monotonic() + READY_SECONDS
    while not answers():
        if time.monotonic() > deadline:
            raise NotReady(f"{name} does not answer after {READY_SECONDS} s")
        time.sleep(0.05)


def _postgres_binaries() -> Path:
    """Where Debian has them, the newest version, or the folder of `postgres` in the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if installed:
        return installed[-1].parent
    found = shutil.which("initdb")
    if found is None:
        sys.exit("PostgreSQL is not installed. Use SQLite: make chaos DB=sqlite")
    return Path(found).parent
