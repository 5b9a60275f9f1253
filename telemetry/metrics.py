"""What Prometheus is told. Business steps call these functions, each once what it counts is committed.

Money is counted in minor units. These are figures for watching the service; the books are in the ledger.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from prometheus_client import Counter, Histogram, values

from telemetry import files

if settings.METRICS_TOKEN:
    # Counts are kept in files, so that whichever process is asked can add up those of all.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
    values.ValueClass = values.MultiProcessValue(files.place)  # type: ignore[no-untyped-call]

_ORDERS = Counter("creditscore_orders", "Predictions ordered.", ["model", "channel"])
_ENDED = Counter(
    "creditscore_predictions_ended", "Predictions that have ended.", ["model", "status", "failure"]
)
_PREDICTION_SECONDS = Histogram(
    "creditscore_prediction_seconds",
    "From the order to the end.",
    ["model", "status"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
)
_APPROVAL = Histogram(
    "creditscore_approval_probability",
    "Results.",
    ["model"],
    buckets=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
)
_EXPLANATION_SECONDS = Histogram(
    "creditscore_explanation_seconds",
    "Time to explain a result.",
    ["model"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_ENTRIES = Counter("creditscore_ledger_entries", "Entries of the ledger.", ["kind"])
_AMOUNTS = Counter(
    "creditscore_ledger_minor_units",
    "Amounts of entries without sign, in minor units.",
    ["kind"],
)
_REQUESTS = Counter("creditscore_http_requests", "Requests answered.", ["route", "method", "status"])
_REQUEST_SECONDS = Histogram(
    "creditscore_http_request_seconds",
    "Time to answer a request.",
    ["route", "method"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_FAILURES = Counter("creditscore_failures", "What should not happen: request, task, publish.", ["kind"])
_LOG_INS = Counter("creditscore_log_ins", "Log-ins by their result.", ["result"])
_MAILS = Counter("creditscore_mails", "Mails sent and failed.", ["result"])
_OUTCOMES = Counter(
    "creditscore_outcomes_reported", "Outcomes reported, changes included.", ["model", "version", "result"]
)
_WEBHOOKS = Counter("creditscore_webhook_deliveries", "Tries of deliveries by their result.", ["result"])

# Anyone can send a method of their own.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def ordered(model: str, channel: str) -> None:
    """`channel`: page or api."""
    _ORDERS.labels(model, channel).inc()


def ended(model: str, status: str, failure: str, seconds: float) -> None:
    _ENDED.labels(model, status, failure).inc()
    _PREDICTION_SECONDS.labels(model, status).observe(seconds)


def scored(model: str, approval_probability: float) -> None:
    _APPROVAL.labels(model).observe(approval_probability)


@contextmanager
def explaining(model: str, count: int) -> Iterator[None]:
    """`count`: of the explanations that are made together. Each is counted with its part of the time."""
    began = time.perf_counter()
    yield
    seconds = (time.perf_counter() - began) / count
    for _number in range(count):
        _EXPLANATION_SECONDS.labels(model).observe(seconds)


def booked(kind: str, amount: int) -> None:
    _ENTRIES.labels(kind).inc()
    _AMOUNTS.labels(kind).inc(abs(amount))


def outcomes(model: str, version: str, result: str, count: int) -> None:
    """`result`: repaid, defaulted, refused or withdrawn."""
    _OUTCOMES.labels(model, version, result).inc(count)


def known_method(method: str) -> str:
    return method if method in _METHODS else "other"


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """`route`: its name, "unknown" if there is none; `method`: a known one."""
    _REQUESTS.labels(route, method, str(status)).inc()
    _REQUEST_SECONDS.labels(route, method).observe(seconds)


def failed(kind: str) -> None:
    """`kind`: an unexpected error of a request or a task, or a message that could not be published."""
    _FAILURES.labels(kind).inc()


def logged_in(result: str) -> None:
    """`result`: ok, or the code of the refusal."""
    _LOG_INS.labels(result).inc()


def mailed(result: str) -> None:
    """`result`: sent or failed."""
    _MAILS.labels(result).inc()


def webhook(result: str) -> None:
    """`result`: delivered, retried (it has failed and will be tried again) or failed for good."""
    _WEBHOOKS.labels(result).inc()
