"""Celery's entry points. The rows are the queue; messages only wake workers, so lost ones do no harm."""

import logging
from collections.abc import Iterable

from celery import Task, shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError

from accounts import tokens
from billing import idempotency
from predictions.jobs import worker
from predictions.jobs.monitor import settle_open
from predictions.models import Prediction
from predictions.results import explanations
from telemetry import metrics

logger = logging.getLogger(__name__)


# Each wakes one process of a worker, which then does all that waits.
MAX_MESSAGES = 10

explainer = explanations.Explainer()


@shared_task(ignore_result=True)
def score_queued() -> None:
    if worker.score_queued():
        notify_workers()


@shared_task(ignore_result=True)
def explain_requested() -> None:
    if explainer.explain_requested():
        notify_explainer()


@shared_task
def monitor() -> dict[str, int]:
    """Settle what was left open, and wake those who have something to do."""
    report = settle_open()
    if report["queued"] or report["requeued"]:
        notify_workers()
    if report["to_explain"]:
        notify_explainer()
    return report


@shared_task
def housekeeping() -> dict[str, int]:
    """Delete expired idempotency records, sessions and families of tokens."""
    call_command("clearsessions")
    return {"idempotency_records": idempotency.purge(), "token_families": tokens.delete_expired()}


def notify_workers() -> bool:
    """Wake a worker; return True if a message waits for it. If not, workers look by themselves in a while."""
    return _publish(score_queued)


def notify_explainer() -> bool:
    """Wake the explainer; return True if a message waits for it. If not, the monitor tries again."""
    return _publish(explain_requested)


def request_explanations(predictions: Iterable[Prediction]) -> bool:
    """Request missing explanations; return False if the explainer could not be notified.

    Raises `TooManyExplanations`, after the explainer was notified of those before.
    """
    recorded = False
    try:
        for prediction in predictions:
            recorded |= explanations.request(prediction)
    finally:
        notified = not recorded or notify_explainer()
    return notified


def _publish(task: Task[[], None]) -> bool:
    """Publish a message, unless enough of them wait to be read: a queue that nobody reads does not grow."""
    queue = task.app.amqp.router.route({}, task.name)["queue"].name
    try:
        with task.app.producer_or_acquire() as producer, producer.connection._reraise_as_library_errors():
            with producer.channel.conn_or_acquire() as broker:
                waiting = broker.llen(queue)
            if waiting < MAX_MESSAGES:
                task.apply_async(producer=producer)
    except OperationalError as error:
        logger.error("message not published, the broker does not answer: %s", error)
        metrics.failed("publish")
        return False
    return True
