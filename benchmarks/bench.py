"""What benchmarks in one process stand on: a database and a broker of their own, and times.

Import it first: it sets up Django. The database is a test database on the server of `DATABASE_URL`, or a
file for SQLite, and is dropped at the end.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "creditscore.settings"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="creditscore-bench-")
# WhiteNoise warns if this folder does not exist.
Path(os.environ["VAR_DIR"], "static").mkdir()
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from creditscore.run import broker as embedded_broker


@contextmanager
def temporary_service() -> Iterator[None]:
    """The database with the catalog, and the broker unless `REDIS_URL` names one."""
    server = None
    if "REDIS_URL" not in os.environ:
        server = subprocess.Popen(embedded_broker.command(Path(settings.REDIS_URL.removeprefix("unix://"))))
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("provision")
        yield
    finally:
        teardown_databases(databases, verbosity=0)
        if server:
            server.terminate()
            server.wait()
        shutil.rmtree(os.environ["VAR_DIR"])


def analyze() -> None:
    """What autovacuum does in production."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@contextmanager
def twin() -> Iterator[Any]:
    """A copy of the database as it is now, as a connection for `using`."""
    copy = connection.copy()
    copy.settings_dict["NAME"] = f"{connection.settings_dict['NAME']}_twin"
    source, target = (str(one.settings_dict["NAME"]) for one in (connection, copy))
    connection.close()
    if connection.vendor == "sqlite":
        shutil.copy(source, target)
        yield copy
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}"')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    try:
        yield copy
    finally:
        copy.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{target}"')


@contextmanager
def using(database: Any) -> Iterator[None]:
    """Inside, everything reads and writes this database."""
    usual = connections["default"]
    connections["default"] = database
    try:
        yield
    finally:
        connections["default"] = usual


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def request_page(browser: Client, address: str) -> float:
    """Return the milliseconds of a request; exits unless the status is 200."""
    return timed_response(browser.get, address)[0]


def timed_response(
    send: Callable[..., Any], address: str, body: object = None, status: int = 200, **more: Any
) -> tuple[float, Any]:
    """Return the milliseconds of a request, and the response; exits unless it has the `status`."""
    began = time.perf_counter()
    response = send(address, body, **more)
    taken = (time.perf_counter() - began) * 1000
    if response.status_code != status:
        sys.exit(f"{address}: {response.status_code}")
    return taken, response


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]
