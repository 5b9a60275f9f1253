"""`make dev`: a changed file restarts the service, and Ctrl-C ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from creditscore.run import dev

SECONDS = 120
# Stands for the service: it notes each start and each end, and exits by itself if the source says so.
SERVICE = """
import pathlib, signal, sys
source, log = map(pathlib.Path, sys.argv[1:])
def note(text):
    with log.open("a") as file: file.write(text + "\\n")
def end(*_): note("stopped"); sys.exit()
signal.signal(signal.SIGTERM, end)
note("started " + source.read_text())
if source.read_text() == "broken": sys.exit(1)
signal.pause()
"""
RUNNER = """
import sys
from pathlib import Path
from creditscore.run import dev
dev.POLL_SECONDS = 0.05
dev.run_with_restarts([sys.executable, *sys.argv[1:]], lambda: [Path(sys.argv[2])])
"""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    (tmp_path / "service.py").write_text(SERVICE)
    (tmp_path / "source").write_text("one")
    files = [str(tmp_path / name) for name in ("service.py", "source", "log")]
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, *files],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.terminate()
        process.wait(SECONDS)


def change(source: Path, text: str) -> None:
    """In one step, as editors do it."""
    new = source.with_suffix(".new")
    new.write_text(text)
    new.replace(source)


def wait_for(log: Path, *lines: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not log.exists() or log.read_text().split("\n")[:-1] != list(lines):
        assert time.monotonic() < deadline, log.read_text() if log.exists() else "nothing was started"
        time.sleep(0.02)


def test_a_change_restarts_the_service(runner: "subprocess.Popen[str]", tmp_path: Path) -> None:
    wait_for(tmp_path / "log", "started one")
    change(tmp_path / "source", "two")
    wait_for(tmp_path / "log", "started one", "stopped", "started two")

    os.killpg(runner.pid, signal.SIGINT)
    assert runner.wait(SECONDS) == 0
    wait_for(tmp_path / "log", "started one", "stopped", "started two", "stopped")


def test_a_service_that_exits_starts_again_after_a_change(
    runner: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    wait_for(tmp_path / "log", "started one")
    change(tmp_path / "source", "broken")
    assert runner.stdout
    assert "has exited" in runner.stdout.readline()
    change(tmp_path / "source", "three")
    wait_for(tmp_path / "log", "started one", "stopped", "started broken", "started three")

    runner.terminate()
    assert runner.wait(SECONDS) == 0


def test_code_and_pages_are_watched() -> None:
    code = {str(file.relative_to(settings.BASE_DIR)) for file in dev.python_files(settings.BASE_DIR)}
    pages = {str(file.relative_to(settings.BASE_DIR)) for file in dev.page_files(settings.BASE_DIR)}
    assert {"creditscore/settings/service.py", "billing/models.py"} <= code
    assert not {file for file in code if file.startswith(("tests/", ".venv/"))}
    assert {"templates/base.html", "locale/ru/LC_MESSAGES/django.mo"} <= pages
    assert any(file.startswith("static/css/") for file in pages)
