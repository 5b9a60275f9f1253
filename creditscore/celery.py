"""The Celery application of the workers and the clock."""

import ctypes
import logging
import os
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from celery import Celery
from celery.concurrency.thread import TaskPool
from celery.signals import (
    beat_init,
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)
from celery.utils.dispatch import Signal
from celery.worker import state
from celery.worker.request import Request
from django.conf import settings

from creditscore.run.repeated import Repeated
from telemetry import context

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditscore.settings")

# Of what the workers compute whose work can wait: orders come first where cores are scarce. For explanations
# somebody waits; files and trainings take a while anyway, so they are last of all (`priority.IDLE`).
NICENESS = {"explanations": 10, "bulk": 20, "training": 20}
# So often a process of a worker, of the explainer or of the bulk worker looks for work by itself.
LOOK_SECONDS = 5
# So often a process of the bulk worker looks for versions to check, and orders for challengers and drift.
VERSION_SECONDS = 20
# So often a process looks whether a version was put on sale, to load it before an order needs it.
SALE_SECONDS = 2
# A worker that has not ended this long after its signal is ended.
SHUTDOWN_SECONDS = 12

app = Celery("creditscore")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**_kwargs: object) -> None:
    """Django has set up the logs; without this, Celery would set a level and a format of its own."""


@celeryd_init.connect
def set_up_worker(sender: str, conf: Any, options: dict[str, Any], **_kwargs: object) -> None:
    """`sender` is the name of the worker: celery@host is that of an ordinary one."""
    conf.broker_transport_options = settings.WORKER_TRANSPORT_OPTIONS
    name = sender.partition("@")[0]
    context.set_role("worker" if name == "celery" else name)
    queues = options.get("queues") or []
    if len(queues) == 1 and queues[0] in NICENESS:
        from predictions import priority

        priority.give_way(NICENESS[queues[0]])


@worker_ready.connect
def set_up_threads(sender: Any, **_kwargs: object) -> None:
    """A worker with threads has no processes that `set_up_process` would set up."""
    if not isinstance(sender.pool, TaskPool):
        return
    if "outbound" in app.amqp.queues.consume_from:
        send_webhooks(worker_shutdown)
    if "training" in app.amqp.queues.consume_from:
        from predictions.lifecycle import training_process

        # A training that runs is queued again, for the next trainer.
        worker_shutting_down.connect(lambda **_more: training_process.stopping.set(), weak=False)


def send_webhooks(ending: Signal) -> None:
    """Send webhooks in threads of this process, beside its tasks, until the signal."""
    from accounts import tasks

    looking = Repeated("look for webhooks", LOOK_SECONDS, tasks.look_for_webhooks, woken=tasks.sender.woken)

    def end(**_kwargs: object) -> None:
        tasks.sender.stop()
        looking.stop()

    # What is being sent has some time to end; what has not ended then, another process sends again.
    worker_shutting_down.connect(lambda **_more: tasks.sender.stop(), weak=False)
    ending.connect(end, weak=False)


@worker_ready.connect
def serve_metrics(**_kwargs: object) -> None:
    if settings.METRICS_TOKEN and settings.METRICS_PORT:
        from creditscore.run import metrics_port

        metrics_port.serve(settings.METRICS_PORT)


@beat_init.connect
def set_up_clock(**_kwargs: object) -> None:
    context.set_role("clock")


@before_task_publish.connect
def name_request(headers: dict[str, Any], body: Any, **_kwargs: object) -> None:
    """A message says which request it belongs to. One without arguments wakes a worker for all that waits."""
    arguments, *_ = body
    if arguments and (number := context.get("request_id")):
        headers["request_id"] = number


@task_prerun.connect
def begin_task(task: Any, **_kwargs: object) -> None:
    number = getattr(task.request, "request_id", None)
    context.bind(**({"request_id": number} if number else {}))


@task_postrun.connect
def end_task(**_kwargs: object) -> None:
    context.bind()


@task_failure.connect
def count_failure(**_kwargs: object) -> None:
    from telemetry import metrics

    metrics.failed("task")


@worker_process_init.connect
def set_up_process(**_kwargs: object) -> None:
    """In each process, after the fork: begin to look for work, and load the models before the first task.

    Messages come at once, but not while the broker is down or full, or after one was lost.
    """
    from predictions import tasks
    from predictions.batches import scoring
    from predictions.jobs import worker
    from predictions.lifecycle.loading import Loader

    # First, because models cannot be loaded while the database is away; then the first order loads its own.
    queues = app.amqp.queues.consume_from
    looks = {
        "orders": worker.look_for_orders,
        "explanations": tasks.explainer.explain_requested,
        "bulk": scoring.step,
    }
    for queue in looks.keys() & queues:
        looking = Repeated(f"look for {queue}", LOOK_SECONDS, looks[queue])
        worker_process_shutdown.connect(partial(_stop, looking), weak=False)
    if "bulk" in queues:
        # In a thread of its own: a file may take an hour.
        looking = Repeated("look after versions", VERSION_SECONDS, tasks.look_after_versions)
        worker_process_shutdown.connect(partial(_stop, looking), weak=False)
    if "outbound" in queues:
        send_webhooks(worker_process_shutdown)
    load = Loader(to_explain="explanations" in queues)
    # What is put on sale later is loaded while the process does its other work.
    loading = Repeated("load what is on sale", SALE_SECONDS, load)
    worker_process_shutdown.connect(partial(_stop, loading), weak=False)
    load()
    _return_memory()


def _stop(looking: Repeated, **_kwargs: object) -> None:
    looking.stop()


def _return_memory() -> None:
    """Give the system what reading the models has used and freed: 75 MB, which glibc would keep."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


@worker_shutting_down.connect
def end_in_time(**_kwargs: object) -> None:
    """Celery waits for its children without a limit; one that hangs must not keep a worker from ending."""
    # Celery forgets those that have not begun.
    timer = threading.Timer(SHUTDOWN_SECONDS, _end_now, [list(state.reserved_requests)])
    timer.daemon = True
    timer.start()


def _end_now(received: Sequence[Request]) -> None:
    logger.error("the worker has not ended in %d s and is killed with its processes", SHUTDOWN_SECONDS)
    try:
        _hand_back(received)
    finally:
        # The system kills its processes with it, as Celery has asked it to (PR_SET_PDEATHSIG).
        os._exit(os.EX_SOFTWARE)


def _hand_back(received: Sequence[Request]) -> None:
    """Publish again what has not ended and is known from its message alone, such as a mail to a slow server.

    A mail that the server takes at this very moment is sent twice. Orders are rows, which wait for the next
    worker anyway.
    """
    for request in received:
        begun = request.time_start is not None
        if request.args and (not begun or request in state.active_requests):
            number = request.request_dict.get("request_id")
            context.bind(**({"request_id": number} if number else {}))
            app.send_task(request.name, request.args, request.kwargs)
            logger.warning("%s is left to the next worker", request.name)
