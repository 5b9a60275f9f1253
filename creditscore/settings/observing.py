"""Metrics, logs, and where errors are reported."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from creditscore.settings.service import PRODUCTION, VAR_DIR, env, whole

# --- Metrics -----------------------------------------------------------------------------------
# Whoever has the token may read `/metrics`. Without one there are no metrics.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN must be a random text of at least 20 characters.")
# Where the processes of a machine or container keep their counts.
METRICS_DIR = Path(env.str("METRICS_DIR", str(VAR_DIR / "metrics")))
# Where a worker or mailer shows its counts; 0 means nowhere.
METRICS_PORT = whole("METRICS_PORT", 0, 0, 65535)

# --- Logs --------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", "json" if PRODUCTION else "text")
if LOG_FORMAT not in ("json", "text"):
    raise ImproperlyConfigured("LOG_FORMAT must be json or text.")
_FORMATTER = "JsonFormatter" if LOG_FORMAT == "json" else "OneLineFormatter"
# Also gunicorn's, so that its lines have the same format.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": f"creditscore.http.logs.{_FORMATTER}"},
        "brief": {"()": f"creditscore.http.logs.{_FORMATTER}", "places": False},
    },
    "filters": {"refusals": {"()": "creditscore.http.logs.RefusalFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "brief": {"class": "logging.StreamHandler", "formatter": "brief"},
    },
    "loggers": {
        # A line for each request, which would bury all others in a terminal.
        "creditscore.http.observed": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # Do not log every 4xx and 503 response: the response itself says what was wrong.
        "django.request": {"level": "ERROR", "filters": ["refusals"]},
        # Anyone can send a wrong Host header or too many fields.
        "django.security": {"handlers": ["brief"], "propagate": False},
        # Requests wait for threads whenever many arrive at once.
        "waitress.queue": {"level": "ERROR"},
        # Rows, not messages, are what happens.
        "celery": {"level": "WARNING"},
        # How a typeface is cut down, step by step.
        "fontTools": {"level": "WARNING"},
        # Celery's pool of processes.
        "multiprocessing": {"level": "WARNING", "handlers": ["console"], "propagate": False},
        "gunicorn.error": {"level": "WARNING", "propagate": True},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}

# --- Errors ------------------------------------------------------------------------------------
SENTRY_DSN = env.str("SENTRY_DSN", "")
if SENTRY_DSN:
    from creditscore import sentry

    sentry.start(SENTRY_DSN, "production" if PRODUCTION else "development")
