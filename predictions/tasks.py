"""Celery's entry points. Messages are bells: the rows are the queue, so lost or doubled ones do no harm."""

import logging

from celery import Task, shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError

from billing import idempotency
from predictions import explaining, running
from predictions import monitor as safety_net

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def score_waiting() -> None:
    if running.run_waiting():
        ring()
    ring_for_explanations()


@shared_task(ignore_result=True)
def explain_next() -> None:
    """One explanation a message, so that orders never wait behind more than one."""
    if explaining.explain_next():
        ring_for_explanations()


@shared_task
def monitor() -> dict[str, int]:
    report = safety_net.settle_open()
    if report["waiting"] or report["taken_back"]:
        ring()
    if report["unexplained"]:
        ring_for_explanations()
    return report


@shared_task
def housekeeping() -> dict[str, int]:
    """Forget what has run out: replayable answers, sessions, tokens."""
    call_command("clearsessions")
    call_command("flushexpiredtokens")
    return {"idempotency_records": idempotency.purge()}


def ring() -> bool:
    """Wake a worker. False when the broker does not answer: the row waits and the monitor rings again."""
    return _publish(score_waiting)


def ring_for_explanations() -> bool:
    """As `ring`, for results that nobody has explained yet."""
    return _publish(explain_next)


def _publish(task: Task[[], None]) -> bool:
    try:
        task.delay()
    except OperationalError as error:
        logger.error("the bell did not ring, the broker does not answer: %s", error)
        return False
    return True
