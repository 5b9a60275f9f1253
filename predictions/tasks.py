"""Celery's entry points. The rows are the queue; messages only wake workers, so lost ones do no harm."""

from collections.abc import Iterable

from celery import shared_task
from django.core.management import call_command

from accounts import tokens
from accounts.wakeups import message_read, publish
from accounts.webhooks import endpoints
from billing import idempotency
from predictions.jobs import worker
from predictions.jobs.monitor import settle_open
from predictions.models import Prediction
from predictions.results import explanations

explainer = explanations.Explainer()


@shared_task(ignore_result=True)
def score_queued() -> None:
    message_read("orders")
    if worker.score_queued():
        notify_workers()


@shared_task(ignore_result=True)
def explain_requested() -> None:
    message_read("explanations")
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
    """Delete expired idempotency records, sessions, families of tokens, and old deliveries of webhooks."""
    call_command("clearsessions")
    return {
        "idempotency_records": idempotency.purge(),
        "token_families": tokens.delete_expired(),
        **endpoints.cleanup(),
    }


def notify_workers() -> bool:
    """Wake a worker; return False if the broker does not answer. Workers look by themselves in a while."""
    return publish(score_queued)


def notify_explainer() -> bool:
    """Wake the explainer; return False if the broker does not answer. It looks by itself in a while."""
    return publish(explain_requested)


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
