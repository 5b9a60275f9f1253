"""Reports unexpected errors to Sentry: types, places and ids. No request, no values, no texts of exceptions.

Imported only if `SENTRY_DSN` is set.
"""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.types import Event, Hint

from creditscore.http.logs import message_of, text_of
from telemetry import context

# Of everything that the library collects, this is sent.
SENT = ("event_id", "timestamp", "platform", "level", "logger", "environment", "transaction", "sdk")


def start(dsn: str, environment: str) -> None:
    """Report from now on. Personal data are not collected, which is the library's default."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        integrations=[DjangoIntegration(), CeleryIntegration(propagate_traces=False)],
        auto_enabling_integrations=False,
        before_send=only_what_is_safe,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
    )


def only_what_is_safe(event: Event, hint: Hint) -> Event:
    """Return a new event with the parts of `event` that hold nothing that somebody has typed."""
    collected: dict[str, Any] = dict(event)
    sent = {name: collected[name] for name in SENT if name in collected}
    sent["tags"] = {"role": context.role(), **context.fields()}
    if record := hint.get("log_record"):
        sent["logentry"] = {"message": message_of(record)}
    if exceptions := collected.get("exception"):
        texts = _texts(hint)
        sent["exception"] = {
            "values": [
                {
                    **{name: value.get(name) for name in ("type", "module", "stacktrace")},
                    "value": texts.get(value.get("type"), ""),
                }
                for value in exceptions["values"]
            ]
        }
    return sent  # type: ignore[return-value]


def _texts(hint: Hint) -> dict[str, str]:
    """Return what the logs say of each exception, by its type."""
    error: BaseException | None = hint["exc_info"][1] if hint.get("exc_info") else None
    texts: dict[str, str] = {}
    while error is not None and type(error).__qualname__ not in texts:
        texts[type(error).__qualname__] = text_of(error)
        error = error.__cause__ or error.__context__
    return texts
