"""The time of day, which tests set without waiting."""

import time
from collections.abc import Callable
from typing import TypeAlias

import pytest

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
