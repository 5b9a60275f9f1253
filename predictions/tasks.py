"""Celery's entry points. Messages are bells: the rows are the queue, so lost or doubled ones do no harm."""

import logging
from collections.abc import Callable, Iterable

from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from billing import idempotency
from predictions import explaining, running
from predictions import monitor as safety_net
from predictions.models import Prediction

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def score_waiting() -> None:
    if running.run_waiting():
        ring()
    begin_explaining()


@shared_task(ignore_result=True)
def explain_next() -> None:
    """One explanation a message: orders that come meanwhile are served in between."""
    if explaining.explain_next():
        _publish(explain_next.delay)


@shared_task(ignore_result=True)
def explain(pk: str) -> None:
    """The one that somebody waits for."""
    explaining.explain_and_keep(Prediction.objects.select_related("model").get(pk=pk))


@shared_task
def monitor() -> dict[str, int]:
    report = safety_net.settle_open()
    if report["waiting"] or report["taken_back"]:
        ring()
    begin_explaining()
    return report


@shared_task
def housekeeping() -> dict[str, int]:
    """Forget what has run out: replayable answers, sessions, tokens."""
    call_command("clearsessions")
    call_command("flushexpiredtokens")
    return {"idempotency_records": idempotency.purge()}


def ring() -> bool:
    """Wake a worker. False when the broker does not answer: the row waits and the monitor rings again."""
    return _publish(score_waiting.delay)


def begin_explaining() -> None:
    """Start explaining the results that nobody has explained, unless that is being done."""
    if explaining.begin_chain():
        _publish(explain_next.delay)


def ask_for_explanations(predictions: Iterable[Prediction]) -> bool:
    """Have them worked out, unless that was asked for lately. False when nobody can be asked now: the
    one who waits is told so, and cache and broker are not tried again for each of them.
    """
    for prediction in predictions:
        try:
            first = explaining.may_ask(prediction)
        except RedisError as error:
            logger.error("no explanation is asked for: the cache does not answer: %s", error)
            return False
        if first and not _publish(explain.delay, str(prediction.pk)):
            return False
    return True


def _publish(delay: Callable[..., object], *arguments: str) -> bool:
    try:
        delay(*arguments)
    except OperationalError as error:
        logger.error("the bell did not ring, the broker does not answer: %s", error)
        return False
    return True
