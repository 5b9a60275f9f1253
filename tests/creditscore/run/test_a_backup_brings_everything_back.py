"""A backup is private and never overwrites; a restore brings back all of it and keeps what it replaces."""

import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.utils import DatabaseError

from accounts.models import User
from billing.models import Entry, Wallet
from predictions.models import Prediction
from tests.support.database import database_url
from tests.support.orders import Bought
from tests.support.people import give_money

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the program on the test database, to which nothing else is connected."""
    connection.close()
    own = {"DATABASE_URL": database_url(), "ENV_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-m", "creditscore.run.backup", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=os.environ | own | environment,
        capture_output=True,
        text=True,
        umask=0o022,
        check=False,
    )


def rows() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values()) for model in (User, Wallet, Entry, Prediction)]


@pytest.fixture(autouse=True)
def _replaced_databases() -> Iterator[None]:
    """Those that restores have kept are deleted."""
    yield
    for name in kept():
        if connection.vendor == "sqlite":
            Path(name).unlink()
        else:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def kept() -> list[str]:
    database = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return [str(path) for path in Path(database).parent.glob(f"{Path(database).name}_before_*")]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{database}_before_%"])
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def backup(alice: User, bought: Bought, tmp_path: Path) -> tuple[Path, list[list[Any]]]:
    """A backup, and the rows that are in it."""
    bought()
    saved, file = rows(), tmp_path / "backup"
    result = run(file)
    assert result.returncode == 0, result.stderr
    return file, saved


def test_it_comes_back_as_it_was(backup: tuple[Path, list[list[Any]]], alice: User) -> None:
    file, saved = backup
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    give_money(alice, 7_00)
    User.objects.create_user("late", "late@example.org")
    with connection.cursor() as cursor:
        # Of a newer version, whose migrations will want to create it again.
        cursor.execute("CREATE TABLE newer (id integer)")

    result = run("--restore", file)
    assert result.returncode == 0, result.stderr
    assert rows() == saved
    assert "newer" not in connection.introspection.table_names()
    assert "The books are right: 1 wallets" in result.stdout
    [old] = kept()
    assert f"What was there before is kept as {old}" in result.stdout
    assert has_late_customer(old)
    # The guards of the ledger are back too.
    with pytest.raises(DatabaseError, match="immutable"):
        Entry.objects.update(amount=1)
    if connection.vendor == "sqlite":
        database = Path(connection.settings_dict["NAME"])
        assert [stat.S_IMODE(path.stat().st_mode) for path in (database, Path(old))] == [0o600, 0o600]


def test_a_backup_of_an_older_version_is_migrated(tmp_path: Path) -> None:
    call_command("migrate", "sessions", "zero", verbosity=0)
    assert run(tmp_path / "backup").returncode == 0
    assert run("--restore", tmp_path / "backup").returncode == 0
    assert "django_session" in connection.introspection.table_names()


def has_late_customer(name: str) -> bool:
    query = "SELECT count(*) FROM accounts_user WHERE username = 'late'"
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(name)) as database:
            return bool(database.execute(query).fetchone() == (1,))
    with closing(psycopg2.connect(database_url().rpartition("/")[0] + f"/{name}")) as server:
        cursor = server.cursor()
        cursor.execute(query)
        return bool(cursor.fetchone() == (1,))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("another file")
    result = run(tmp_path / "backup")
    assert result.returncode == 1
    assert "is not overwritten" in result.stderr
    assert (tmp_path / "backup").read_text() == "another file"


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    absent = "sqlite:////nowhere/db" if connection.vendor == "sqlite" else "postgres://127.0.0.1:1/none"
    assert run(tmp_path / "backup", DATABASE_URL=absent).returncode == 1
    assert not (tmp_path / "backup").exists()


def test_no_restore_while_something_is_connected(backup: tuple[Path, list[list[Any]]]) -> None:
    file, saved = backup
    if connection.vendor == "sqlite":
        other: Any = sqlite3.connect(connection.settings_dict["NAME"])
    else:
        other = psycopg2.connect(database_url())
    with closing(other):
        other.cursor().execute("SELECT count(*) FROM accounts_user")
        result = run("--restore", file)
        assert result.returncode == 1
        assert "stop the service first" in result.stderr
    assert rows() == saved
    assert kept() == []


def test_no_restore_while_make_run_runs(backup: tuple[Path, list[list[Any]]], tmp_path: Path) -> None:
    file, saved = backup
    with (tmp_path / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = run("--restore", file, VAR_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "The service is running" in result.stderr
    assert rows() == saved
    assert kept() == []


def test_what_is_no_backup_changes_nothing(backup: tuple[Path, list[list[Any]]], tmp_path: Path) -> None:
    file, saved = backup
    whole, bad = file.read_bytes(), tmp_path / "bad"
    assert "There is no file" in run("--restore", bad).stderr
    for content in (b"", b"not a backup", whole[: len(whole) // 2]):
        bad.write_bytes(content)
        result = run("--restore", bad)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        assert rows() == saved
        assert kept() == []


def test_books_that_do_not_add_up_are_told(alice: User, tmp_path: Path) -> None:
    give_money(alice, 5_00)
    Wallet.objects.update(balance=6_00)
    assert run(tmp_path / "backup").returncode == 0
    result = run("--restore", tmp_path / "backup")
    assert result.returncode == 1
    assert "1 faults in 1 wallets" in result.stderr
