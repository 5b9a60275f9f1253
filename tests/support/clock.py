"""The time of day, which tests set without waiting."""

import time
from collections.abc import Callable
from typing import TypeAlias

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

Forward: TypeAlias = Callable[[float], None]


@pytest.fixture
def forward(monkeypatch: pytest.MonkeyPatch) -> Forward:
    """`forward(10)`: it is ten seconds later. In between, time stands still."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    def move(seconds: float) -> None:
        nonlocal now
        now += seconds

    return move


def clock_has_run() -> None:
    """As if the clock had just sent out everything that is due."""
    PeriodicTask.objects.update(last_run_at=timezone.now())
