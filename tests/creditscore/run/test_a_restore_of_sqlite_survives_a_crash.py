"""A restore that is cut off leaves the old database or the new one, and what it did is on the disk."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from creditscore.run.backup import restore_sqlite


class Crash(Exception):
    """The process ends before a change of a name."""


def database(file: Path, content: str) -> Path:
    with closing(sqlite3.connect(file)) as new:
        new.execute("CREATE TABLE django_migrations AS SELECT 1 AS id, ? AS content", [content])
        new.commit()
    return file


def content(file: Path) -> str:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        [text] = opened.execute("SELECT content FROM django_migrations").fetchone()
    return str(text)


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of the service."""
    file = database(tmp_path / "live", "old")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    return file


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is done to names, and to which files (by their numbers) content is written; in their order."""
    done: list[tuple[str, int]] = []

    def watch(name: str) -> None:
        original = getattr(os, name)

        def act(source: Any, *more: Any, **options: Any) -> None:
            original(source, *more, **options)
            done.append((name, os.fstat(source).st_ino if name == "fsync" else 0))

        monkeypatch.setattr(os, name, act)

    for name in ("link", "rename", "replace", "fsync"):
        watch(name)
    return done


def test_cut_off_anywhere_the_database_is_whole(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = database(tmp_path / "backup", "new")
    found = []
    for crash_at in range(10):
        changes = 0
        with monkeypatch.context() as patch:

            def crash_or(original: Any, *arguments: Any, crash_at: int = crash_at, **options: Any) -> None:
                nonlocal changes
                if changes == crash_at:
                    raise Crash
                changes += 1
                original(*arguments, **options)

            for name in ("link", "rename", "replace"):
                original = getattr(os, name)
                patch.setattr(os, name, lambda *a, original=original, **o: crash_or(original, *a, **o))
            try:
                restore_sqlite(backup)
            except Crash:
                found.append(content(live))
                for rest in tmp_path.glob("live_before_*"):
                    rest.unlink()
            else:
                break
    assert found
    assert set(found) == {"old"}
    assert content(live) == "new"
    [kept] = tmp_path.glob("live_before_*")
    assert content(kept) == "old"


def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_end(
    live: Path, tmp_path: Path, steps: list[tuple[str, int]]
) -> None:
    restore_sqlite(database(tmp_path / "backup", "new"))
    new, folder = live.stat().st_ino, tmp_path.stat().st_ino
    assert steps[0] == ("fsync", new)
    assert {name for name, _number in steps[1:-1]} <= {"link", "rename", "replace"}
    assert steps[-1] == ("fsync", folder)
