"""Celery's entry points. The rows are the queue; messages only wake workers, so lost ones do no harm."""

import logging
from collections.abc import Callable, Iterable

from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts import tokens
from billing import idempotency
from predictions.jobs import worker
from predictions.jobs.monitor import settle_open
from predictions.models import Prediction
from predictions.results import explanations

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def score_queued() -> None:
    if worker.score_queued():
        notify_workers()
    start_explaining()


@shared_task(ignore_result=True)
def explain_next() -> None:
    """Compute one explanation per message, so that orders are scored in between."""
    if explanations.explain_next():
        _publish(explain_next.delay)


@shared_task(ignore_result=True)
def explain(pk: str) -> None:
    """Explain a prediction on request."""
    explanations.explain_and_store(Prediction.objects.select_related("model").get(pk=pk))


@shared_task
def monitor() -> dict[str, int]:
    report = settle_open()
    if report["queued"] or report["requeued"]:
        notify_workers()
    start_explaining()
    return report


@shared_task
def housekeeping() -> dict[str, int]:
    """Delete expired idempotency records, sessions and families of tokens."""
    call_command("clearsessions")
    return {"idempotency_records": idempotency.purge(), "token_families": tokens.delete_expired()}


def notify_workers() -> bool:
    """Wake a worker; return True if the message was published. If not, the monitor tries again."""
    return _publish(score_queued.delay)


def start_explaining() -> None:
    """Start the chain of explanations, unless it is running."""
    if explanations.start_chain():
        _publish(explain_next.delay)


def request_explanations(predictions: Iterable[Prediction]) -> bool:
    """Request explanations that were not requested recently; return False if that is impossible now.

    Stops at the first failure, so that a broker that is down is not tried for each prediction.
    """
    for prediction in predictions:
        try:
            allowed = explanations.may_request(prediction)
        except RedisError as error:
            logger.error("explanation not requested, the cache does not answer: %s", error)
            return False
        if allowed and not _publish(explain.delay, str(prediction.pk)):
            return False
    return True


def _publish(delay: Callable[..., object], *arguments: str) -> bool:
    try:
        delay(*arguments)
    except OperationalError as error:
        logger.error("message not published, the broker does not answer: %s", error)
        return False
    return True
