"""Backs up the database, and restores it: ``python -m creditscore.run.backup [--restore] FILE``.

A backup is consistent while the service runs, private to its owner, and never overwrites a file. A restore
needs the service to be stopped. It keeps what was there before under another name, and checks the books.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import django
import environ
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from creditscore.run.local import BASE_DIR, lock

CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
IN_USE = "The database is in use: stop the service first."


def main() -> None:
    parser = argparse.ArgumentParser(description="Back up the database, or restore it.")
    parser.add_argument(
        "--restore", action="store_true", help="put the content of FILE in place of the database"
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditscore.settings")
    django.setup()
    if arguments.restore:
        restore(arguments.file)
    else:
        back_up(arguments.file)


def back_up(file: Path) -> None:
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        sys.exit(f"{file} exists, and is not overwritten.")
    try:
        if connection.vendor == "sqlite":
            back_up_sqlite(file)
        else:
            with file.open("wb") as output:
                run("pg_dump", "--format=custom", output=output)
        write_to_disk(file)
        write_to_disk(file.resolve().parent)
    except BaseException:
        file.unlink()
        raise
    print(
        f"Wrote {file}, {file.stat().st_size:,} bytes. Keep the keys with it: without them, all log-ins end."
    )


def restore(file: Path) -> None:
    if not file.is_file():
        sys.exit(f"There is no file {file}.")
    with lock(settings.VAR_DIR):
        kept = restore_sqlite(file) if connection.vendor == "sqlite" else restore_postgresql(file)
        print(f"Restored {file}." + (f" What was there before is kept as {kept}." if kept else ""))
        call_command("migrate", verbosity=0)
        # Prints the result, and exits with 1 if they are not right.
        call_command("check_ledger", full=True)


def aside(name: str) -> str:
    """Return the name under which a database is kept that is replaced now."""
    return f"{name}_before_{datetime.now(UTC):%Y%m%d_%H%M%S}"


# --- SQLite ------------------------------------------------------------------------------------


def back_up_sqlite(file: Path) -> None:
    address = Path(connection.settings_dict["NAME"]).resolve().as_uri()
    # `rw`: a database that does not exist is not created.
    with closing(sqlite3.connect(f"{address}?mode=rw", uri=True, isolation_level=None)) as database:
        database.execute("VACUUM INTO ?", [str(file)])


def restore_sqlite(file: Path) -> Path | None:
    """Return where the old database is kept, None if there was none.

    Whenever the machine stops, the database is the old one or the new one, as a whole.
    """
    check_sqlite(file)
    database = Path(connection.settings_dict["NAME"])
    new = database.with_name(f"{database.name}.restored")
    exists = database.exists()
    if exists:
        take_log_into(database)
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    shutil.copyfile(file, new)
    write_to_disk(new)
    kept = database.with_name(aside(database.name)) if exists else None
    if kept:
        # A second name for the old file, which loses its first one as the new file takes it.
        kept.hardlink_to(database)
    new.replace(database)
    write_to_disk(database.parent)
    return kept


def write_to_disk(path: Path) -> None:
    """Return once a file's content, or the names in a folder, would survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_sqlite(file: Path) -> None:
    """Exit unless the file is a database of this service, readable from its beginning to its end."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as backup:
            # An empty file is an empty database for SQLite.
            backup.execute("SELECT id FROM django_migrations")
            [result] = backup.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        result = str(error)
    if result != "ok":
        sys.exit(f"{file} is no backup of SQLite, or is damaged: {result}")


def take_log_into(database: Path) -> None:
    """Write what is in the write-ahead log into the file. Exit if another process has the database open."""
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as old:
        try:
            old.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            sys.exit(IN_USE)


# --- PostgreSQL --------------------------------------------------------------------------------


def restore_postgresql(file: Path) -> str | None:
    """Return the name under which the old database is kept, None if there was none."""
    name = str(connection.settings_dict["NAME"])
    new, kept = f"{name}_restored", aside(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(CLIENTS, [name])
        if cursor.fetchone() != (0,):
            sys.exit(IN_USE)
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() == (1,)
        cursor.execute(f'DROP DATABASE IF EXISTS "{new}"')
        cursor.execute(f'CREATE DATABASE "{new}"')
        try:
            options = ("--single-transaction", "--no-owner", "--no-privileges", f"--dbname={new}")
            run("pg_restore", *options, str(file))
            # In one transaction. The server refuses if somebody has connected in the meantime.
            away = f'ALTER DATABASE "{name}" RENAME TO "{kept}";' if exists else ""
            cursor.execute(f'{away} ALTER DATABASE "{new}" RENAME TO "{name}"')
        except OperationalError:
            sys.exit(IN_USE)
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{new}"')
    return kept if exists else None


def run(program: str, *arguments: str, output: IO[bytes] | None = None) -> None:
    """Run a program of PostgreSQL on the service's database; exit if it fails. It says why."""
    database = connection.settings_dict
    _command, secrets = connection.client.settings_to_cmd_args_env(database, [])
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    address = {name: str(database[key]) for name, key in names.items() if database[key]}
    result = subprocess.run(
        [found(program), *arguments], env=os.environ | address | (secrets or {}), stdout=output, check=False
    )
    if result.returncode:
        sys.exit(f"{program} has failed with code {result.returncode}.")


def found(program: str) -> str:
    """Return the path of a program of PostgreSQL, of the newest version that Debian has installed."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4])
    )
    path = str(installed[-1]) if installed else shutil.which(program)
    if path is None:
        sys.exit(f"{program} is not installed. It is in Debian's package postgresql-client.")
    return path


if __name__ == "__main__":
    main()
