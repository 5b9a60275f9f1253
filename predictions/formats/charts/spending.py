"""The spending chart: coordinates are percentages of the drawing, as strings.

With percentages instead of a viewBox, the texts keep their size at any width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.reports.spending import Day

# The bars span at most this many steps between grid lines.
MAX_STEPS = 3
# Keeps the bar of a day with little spending visible.
MIN_BAR_HEIGHT = 0.8


@dataclass(frozen=True)
class Line:
    """A grid line at `amount` minor units."""

    y: str
    amount: int


@dataclass(frozen=True)
class Bar:
    """Goes up from zero, or down if refunds exceed charges."""

    day: Day
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class SpendChart:
    lines: list[Line]
    bars: list[Bar]
    zero: str
    slot: str


def spend_chart(days: Sequence[Day]) -> SpendChart:
    amounts = [day.spent for day in days]
    step = _step(max(0, *amounts) - min(0, *amounts))
    # Round out to whole steps; -(-a // b) rounds up.
    high, low = -(-max(0, *amounts) // step) * step, min(0, *amounts) // step * step
    high = max(high, low + step)

    def y_of(amount: float) -> float:
        return (high - amount) / (high - low) * 100

    slot = 100 / len(days)
    zero = y_of(0)
    bars = []
    for number, day in enumerate(days):
        end = y_of(day.spent)
        height = max(abs(end - zero), MIN_BAR_HEIGHT if day.spent else 0.0)
        top = zero - height if day.spent > 0 else zero
        bars.append(Bar(day, _text((number + 0.14) * slot), _text(top), _text(0.72 * slot), _text(height)))
    lines = [Line(_text(y_of(amount)), amount) for amount in range(low, high + step, step)]
    return SpendChart(lines, bars, _text(zero), _text(slot))


def _step(reach: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 … of which `MAX_STEPS` are at least `reach`."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size * MAX_STEPS >= reach:
                return factor * size
        size *= 10


def _text(place: float) -> str:
    return f"{place:.2f}"
