"""What health pages, probes and metrics check: one function for each thing that orders need."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from redis.exceptions import OutOfMemoryError, RedisError

from predictions.jobs.monitor import oldest_pending_seconds
from predictions.tasks import monitor

Broker = Literal["ok", "full", "down"]

# Predictions are usually pending for milliseconds; if for this long, no worker is working.
MAX_PENDING_SECONDS = 60
# The clock may miss three intervals of the monitor, and this long.
MAX_CLOCK_DELAY = timedelta(minutes=1)
# The key that a check writes; the next check replaces it.
BROKER_KEY, BROKER_KEY_SECONDS = "health", 10


@dataclass(frozen=True)
class Clock:
    """When the clock last sent the monitor out; None if it never has, or if operators have disabled it."""

    ok: bool
    last_run: datetime | None = None

    @property
    def age(self) -> float | None:
        """Return the seconds since the last run."""
        return (timezone.now() - self.last_run).total_seconds() if self.last_run else None


@dataclass(frozen=True)
class Health:
    """The state of everything at one moment. Without the database, only that of the broker is known."""

    database: Literal["ok", "down"]
    broker: Broker
    oldest_pending_seconds: float = 0.0
    clock: Clock = field(default_factory=lambda: Clock(ok=False))

    @property
    def checks(self) -> dict[str, bool]:
        """Return whether each thing is well, by its name."""
        reached = self.database == "ok"
        return {
            "database": reached,
            "broker": self.broker == "ok",
            "queue": reached and self.oldest_pending_seconds <= MAX_PENDING_SECONDS,
            "clock": self.clock.ok,
        }


def health() -> Health:
    """Check everything: two short queries and a write to the broker. Raises nothing if one is down."""
    state = broker()
    try:
        return Health("ok", state, oldest_pending_seconds(), clock())
    except (DatabaseError, InterfaceError):
        return Health("down", state)


def broker() -> Broker:
    """Check the broker by a write: one that is full still reads, but takes no message."""
    try:
        cache.set(BROKER_KEY, 1, timeout=BROKER_KEY_SECONDS)
    except OutOfMemoryError:
        return "full"
    except RedisError:
        return "down"
    return "ok"


def clock() -> Clock:
    """Check that the monitor was sent out recently. One that operators have disabled is not missed."""
    ok, last_run = True, None
    for task in PeriodicTask.objects.filter(task=monitor.name, enabled=True).select_related("interval"):
        period = timedelta(**{task.interval.period: task.interval.every}) if task.interval else timedelta()
        last_run = task.last_run_at
        ok = ok and last_run is not None and timezone.now() - last_run <= 3 * period + MAX_CLOCK_DELAY
    return Clock(ok, last_run)
