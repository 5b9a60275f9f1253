"""Celery's entry points. Messages are bells: the rows are the queue, so lost or doubled ones do no harm."""

import logging

from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError

from billing import idempotency
from predictions import monitor as safety_net
from predictions import running

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def score_waiting() -> None:
    if running.run_waiting():
        ring()


@shared_task
def monitor() -> dict[str, int]:
    report = safety_net.settle_open()
    if report["waiting"] or report["taken_back"]:
        ring()
    return report


@shared_task
def housekeeping() -> dict[str, int]:
    """Forget what has run out: replayable answers, sessions, tokens."""
    call_command("clearsessions")
    call_command("flushexpiredtokens")
    return {"idempotency_records": idempotency.purge()}


def ring() -> bool:
    """Wake a worker. False when the broker does not answer: the row waits and the monitor rings again."""
    try:
        score_waiting.delay()
    except OperationalError as error:
        logger.error("the bell did not ring, the broker does not answer: %s", error)
        return False
    return True
