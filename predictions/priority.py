"""Long computations give way to orders; the statements around them do not.

A process of low priority that holds the lock of a row, or SQLite's only one, can be stopped by others in
the middle of its transaction, and then everyone waits for it. So only computations have a low priority, in a
thread of their own.
"""

import contextvars
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

T = TypeVar("T")

# Of the computations of this process, as the system counts it: 19 is the lowest priority.
_niceness = 0


def give_way(niceness: int) -> None:
    """From now on, `computed` works at this niceness, in this process and in those that it forks."""
    global _niceness
    _niceness = niceness


def computed(compute: Callable[[], T]) -> T:
    """Return what `compute` returns, or raise what it raises. It must not use the database."""
    if not _niceness:
        return compute()
    return _thread(os.getpid()).submit(contextvars.copy_context().run, compute).result()


@cache
def _thread(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="computing", initializer=_lower_priority)


def _lower_priority() -> None:
    # Elsewhere, only processes have a priority.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _niceness)
