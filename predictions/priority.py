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
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

from django.conf import settings

T = TypeVar("T")

# Below every niceness: gets a core only while nothing else wants it, and whoever wakes up has it at once.
# What is merely nice keeps the core for up to some milliseconds, at each of the many waits of an order.
IDLE = 20
# So often `computed` calls what is to be done meanwhile, such as renewing a lease that others may take over.
MEANWHILE_SECONDS = settings.LEASE.total_seconds() / 6

# How much nicer the computations of this process are than its statements.
_niceness = 0


def give_way(niceness: int) -> None:
    """From now on, `computed` works at this niceness, in this process and in those that it forks."""
    global _niceness
    _niceness = niceness


def gives_way() -> bool:
    """Whether `give_way` was called."""
    return bool(_niceness)


def computed(compute: Callable[[], T], meanwhile: Callable[[], object] = lambda: None) -> T:
    """Return what `compute` returns, or raise what it raises. It must not use the database.

    `meanwhile` is called every few seconds, at the usual priority, if it takes longer: on a busy machine, it
    may. What that raises ends the wait.
    """
    if not _niceness:
        return compute()
    running = _thread(os.getpid(), _niceness).submit(contextvars.copy_context().run, compute)
    while not wait([running], MEANWHILE_SECONDS).done:
        meanwhile()
    return running.result()


@cache
def _thread(_process: int, niceness: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(
        1, thread_name_prefix="computing", initializer=_lower_priority, initargs=(niceness,)
    )


def _lower_priority(niceness: int) -> None:
    # Elsewhere, only processes have a priority.
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    if niceness == IDLE:
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
    else:
        # The service as a whole may be nice already, and only root may make a thread less so.
        so_far = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(so_far + niceness, IDLE - 1))
