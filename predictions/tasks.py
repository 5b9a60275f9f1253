"""Celery's entry points. The rows are the queue; messages only wake workers, so lost ones do no harm."""

import logging
from collections.abc import Iterable

from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError

from accounts import tokens
from accounts.wakeups import message_read, publish
from accounts.webhooks import endpoints
from billing import idempotency
from predictions.batches import scoring, settling
from predictions.jobs import worker
from predictions.jobs.monitor import settle_open
from predictions.leaving import scrubbing
from predictions.lifecycle import drift_alerts, looking, training_process, trainings
from predictions.models import Prediction
from predictions.results import explanations
from telemetry import metrics

logger = logging.getLogger(__name__)

# The checking of the largest file takes minutes; what takes longer hangs.
BULK_SECONDS = 3600


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


@shared_task(ignore_result=True, time_limit=BULK_SECONDS)
def work_on_files() -> None:
    message_read("bulk")
    if scoring.work(wake_another=notify_bulk):
        notify_bulk()


@shared_task(ignore_result=True)
def train_queued() -> None:
    message_read("training")
    while training_process.run_next():
        pass


@shared_task
def monitor() -> dict[str, int]:
    """Settle what was left open, and wake those who have something to do."""
    report = settle_open() | settling.settle() | trainings.settle()
    if report["queued"] or report["requeued"]:
        notify_workers()
    if report["to_explain"]:
        notify_explainer()
    if report["files_to_do"]:
        notify_bulk()
    if report["trainings_queued"]:
        notify_trainer()
    return report


@shared_task(time_limit=BULK_SECONDS)
def housekeeping() -> dict[str, int]:
    """Delete expired idempotency records, sessions, families of tokens, and old deliveries of webhooks.

    It may take long, so it is work of the queue for files, at low priority.
    """
    call_command("clearsessions")
    return {
        "idempotency_records": idempotency.purge(),
        "token_families": tokens.delete_expired(),
        "scrubbed_accounts": scrubbing.scrub_closed(),
        **endpoints.cleanup(),
    }


@shared_task(time_limit=BULK_SECONDS)
def scrub_accounts() -> int:
    """Empty the accounts that their owners have deleted."""
    return scrubbing.scrub_closed()


def empty_closed_accounts() -> bool:
    """Have it done now; if no worker can be told, housekeeping does it."""
    try:
        scrub_accounts.delay()
    except OperationalError as error:
        logger.error("closed accounts are emptied later: %s", type(error).__name__)
        metrics.failed("publish")
        return False
    return True


@shared_task
def clean_files() -> dict[str, int]:
    """Delete files of customers whose time is over, and those of trainings that have ended."""
    return settling.clean() | {"training_files": trainings.clean()}


@shared_task(ignore_result=True)
def mail_drift(pk: int) -> None:
    """Tell operators what has drifted in a week."""
    drift_alerts.send(pk)


def look_after_versions() -> bool:
    """Do what is to be done for versions, and publish mails about them; True if there may be more."""
    more = looking.look_after_versions()
    drift_alerts.publish_due(mail_drift.delay)
    return more


def notify_workers() -> bool:
    """Wake a worker; return False if the broker does not answer. Workers look by themselves in a while."""
    return publish(score_queued)


def notify_explainer() -> bool:
    """Wake the explainer; return False if the broker does not answer. It looks by itself in a while."""
    return publish(explain_requested)


def notify_bulk() -> bool:
    """Wake a worker for files; return False if the broker does not answer. It looks by itself in a while."""
    return publish(work_on_files)


def notify_trainer() -> bool:
    """Wake the trainer; return False if the broker does not answer. The monitor wakes it in a while."""
    return publish(train_queued)


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
