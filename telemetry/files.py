"""The folder in which the processes of a machine or container keep their counts, one file each.

A file has the number of a place, not of a process: who comes after a process that has ended counts on in
its file. So sums never fall when a process dies, and files are as few as the processes at one time.
"""

import fcntl
import itertools
import os
from pathlib import Path
from typing import IO

from django.conf import settings

# The place of this process, and the file whose lock holds it until the process ends, however it ends.
_held: tuple[int, int, IO[str]] | None = None


def place() -> int:
    """Return the number of this process, which no other living one has. A forked process gets its own."""
    global _held
    if _held is None or _held[0] != os.getpid():
        _held = _free_place(settings.METRICS_DIR)
    return _held[1]


def empty() -> None:
    """Forget all counts. No process that counts may be running."""
    for pattern in ("counter_*.db", "histogram_*.db", "[0-9]*.lock"):
        for file in settings.METRICS_DIR.glob(pattern):
            file.unlink()


def _free_place(folder: Path) -> tuple[int, int, IO[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        file = (folder / f"{number}.lock").open("w")
        try:
            # A lock of the process: it is not inherited, and ends with it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return os.getpid(), number, file
    raise AssertionError("the numbers have no end")
