import os
import signal
from pathlib import Path

import pytest

from tests.support.processes import StartWorker, wait_for


def runs(pid: int) -> bool:
    """Whether there is such a process; one that has ended and waits for its parent to look does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False


@pytest.mark.django_db(transaction=True)
def test_it_ends_with_all_its_children(start_worker: StartWorker) -> None:
    worker = start_worker(concurrency=2)
    frozen, other = worker.children
    os.kill(frozen, signal.SIGSTOP)
    os.kill(worker.pid, signal.SIGTERM)
    wait_for(lambda: not worker.alive)
    wait_for(lambda: not runs(frozen) and not runs(other))
