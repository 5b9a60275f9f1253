"""The service for development: ``python -m creditscore.run.dev``, which is what `make dev` does.

Runs what `make run` runs. When Python code changes, everything restarts, so new migrations are applied
and workers run the new code. When a template, a static file or a translation changes, only the web
processes restart; gunicorn does that by itself.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
SERVICE = (sys.executable, "-m", "creditscore.run.local")
POLL_SECONDS = 0.5

Files = Callable[[], Iterable[Path]]


def main() -> None:
    reload = ["--reload", *(f"--reload-extra-file={file}" for file in page_files(BASE_DIR))]
    os.environ["GUNICORN_CMD_ARGS"] = f"{os.environ.get('GUNICORN_CMD_ARGS', '')} {shlex.join(reload)}"
    run_with_restarts(SERVICE, lambda: python_files(BASE_DIR))


def python_files(root: Path) -> Iterable[Path]:
    """The code of every top-level package, except the tests."""
    for package in root.glob("*/__init__.py"):
        if package.parent.name != "tests":
            yield from package.parent.rglob("*.py")


def page_files(root: Path) -> Iterable[Path]:
    """What pages are made of besides code."""
    for pattern in ("templates/**/*.*", "static/**/*.*", "locale/**/*.mo"):
        yield from root.glob(pattern)


def run_with_restarts(command: Sequence[str], files: Files) -> None:
    """Run `command` until SIGINT, SIGTERM or SIGHUP arrives; restart it whenever one of `files` changes.

    The command is stopped with SIGTERM and gets all the time it needs. If it exits by itself, for
    example because of a syntax error, the next change starts it again.
    """
    # The handlers only set a flag, so no signal can arrive between a start and its record.
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    while not stop.is_set():
        before = changed_at(files())
        # A session of its own: Ctrl-C reaches this process alone, which passes it on once.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        exited = False
        while not stop.wait(POLL_SECONDS) and changed_at(files()) == before:
            if not exited and process.poll() is not None:
                exited = True
                print("The service has exited. It starts again when a file changes.", flush=True)
        process.terminate()
        process.wait()


def changed_at(files: Iterable[Path]) -> dict[Path, int]:
    """The modification time of each file, without files that have just been deleted."""
    times = {}
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            times[file] = file.stat().st_mtime_ns
    return times


if __name__ == "__main__":
    main()
