"""A pytest plugin for mutation runs, which start a session of tests for each mutant: `-p tests.mutants`.

Each session begins with a copy of the database as the first one has left it: migrating takes seconds, and a
mutant that is stopped leaves rows behind. What exceeds its time ends like a test that fails, so that the
broker of the session ends, too.
"""

import shutil
import signal
from pathlib import Path
from types import FrameType

import pytest
from django.conf import settings

# Of mutmut: the mutant was stopped because its tests took too long.
TIMEOUT = 24
MIGRATED = Path("migrated.sqlite3")


def pytest_configure(config: pytest.Config) -> None:
    # conftest.py makes a new folder for each session, but Django has read the name of the first one, which is
    # gone by now.
    (settings.VAR_DIR / "static").mkdir(parents=True, exist_ok=True)
    if MIGRATED.exists():
        shutil.copy(MIGRATED, _database())
    config.option.reuse_db = True
    signal.signal(signal.SIGXCPU, _stop)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    if not MIGRATED.exists() and exitstatus == pytest.ExitCode.OK and _database().exists():
        shutil.copy(_database(), MIGRATED)


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    pytest.exit("the time for this mutant is over", returncode=TIMEOUT)


def _database() -> Path:
    path: Path = settings.VAR_DIR / "test.sqlite3"
    return path
