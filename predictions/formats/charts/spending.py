"""Where the bars of the spending chart stand: places are percentages of the drawing, as texts.

Without a viewBox the drawing takes any width and its texts keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.reports.spending import Day

# About so many lines stand between the lowest and the highest bar.
LINES = 3
# A day with a movement is never invisible.
THINNEST = 0.8


@dataclass(frozen=True)
class Line:
    """A level of `amount` minor units."""

    y: str
    amount: int


@dataclass(frozen=True)
class Bar:
    """From zero upwards, or downwards when more came back than was spent."""

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
    # Whole steps around the bars: -(-a // b) rounds up.
    high, low = -(-max(0, *amounts) // step) * step, min(0, *amounts) // step * step
    high = max(high, low + step)

    def down(amount: float) -> float:
        return (high - amount) / (high - low) * 100

    slot = 100 / len(days)
    zero = down(0)
    bars = []
    for number, day in enumerate(days):
        place = down(day.spent)
        height = max(abs(place - zero), THINNEST if day.spent else 0.0)
        top = zero - height if day.spent > 0 else zero
        bars.append(Bar(day, _text((number + 0.14) * slot), _text(top), _text(0.72 * slot), _text(height)))
    lines = [Line(_text(down(amount)), amount) for amount in range(low, high + step, step)]
    return SpendChart(lines, bars, _text(zero), _text(slot))


def _step(reach: int) -> int:
    """The least of 1, 2, 5, 10, 20 … minor units that needs no more than `LINES` steps for the reach."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size * LINES >= reach:
                return factor * size
        size *= 10


def _text(place: float) -> str:
    return f"{place:.2f}"
