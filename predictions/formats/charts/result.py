"""Where the lines and bars of a result's charts stand. Coordinates are texts with a decimal point.

Drawings are `WIDTH` by `HEIGHT` units and are stretched to the place they get.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 100
# A waterfall shows the stretch of the scale that it needs, in whole tenths, and never less than this.
# The sums on the way may lie outside of what is possible for a probability; base and result never do.
LEAST_STRETCH = 0.3
# A contribution too small to see is a thin line.
THINNEST = 3.0


@dataclass(frozen=True)
class Step:
    """One contribution: a bar of `width` from `x`, that begins at `start` and leads to `end`."""

    key: str
    change: float
    x: str
    width: str
    start: str
    end: str


@dataclass(frozen=True)
class Mark:
    """A probability at `x` percent of the width."""

    probability: float
    x: str


@dataclass(frozen=True)
class Waterfall:
    """From the base at x = `first` by `steps`, the largest first, to the result at x = `last`.

    The drawing goes from `low` to `high`; `marks` are its ends, as far as they are probabilities.
    """

    low: float
    high: float
    marks: list[Mark]
    first: str
    last: str
    steps: list[Step]


@dataclass(frozen=True)
class LineChart:
    """A line through all points; `marker` is where the own value stands, None when it is not known."""

    path: str
    marker: tuple[str, str] | None


def waterfall(base: float, changes: Mapping[str, float]) -> Waterfall:
    """`base` and `changes` are probabilities and their differences."""
    order = sorted(changes, key=lambda key: -abs(changes[key]))
    totals = [base]
    for key in order:
        totals.append(totals[-1] + changes[key])
    low, high = _stretch(min(totals), max(totals))
    places = [(total - low) / (high - low) * WIDTH for total in totals]
    steps = []
    for key, start, end in zip(order, places, places[1:], strict=False):
        width = max(abs(end - start), THINNEST)
        left = min(start, end) if abs(end - start) >= THINNEST else (start + end - width) / 2
        steps.append(Step(key, changes[key], _text(left), _text(width), _text(start), _text(end)))
    ends = (max(low, 0.0), min(high, 1.0))
    marks = [Mark(end, _text((end - low) / (high - low) * 100)) for end in ends]
    return Waterfall(low, high, marks, _text(places[0]), _text(places[-1]), steps)


def line(points: Sequence[tuple[float, float]], own: float | None, *, logarithmic: bool = False) -> LineChart:
    """`points` are values by rising order and their probabilities, which take the whole height."""

    def across(value: float) -> float:
        return math.log(value) if logarithmic else value

    first, last = across(points[0][0]), across(points[-1][0])
    whole = (last - first) or 1.0
    places = [
        (_text((across(value) - first) / whole * WIDTH), _text((1 - probability) * HEIGHT))
        for value, probability in points
    ]
    marker = next((place for place, (value, _) in zip(places, points, strict=True) if value == own), None)
    return LineChart("M" + "L".join(f"{x} {y}" for x, y in places), marker)


def _stretch(least: float, most: float) -> tuple[float, float]:
    low, high = math.floor(least * 10 + 1e-9) / 10, math.ceil(most * 10 - 1e-9) / 10
    while high - low < LEAST_STRETCH - 1e-9:
        low, high = max(low - 0.1, min(low, 0.0)), min(high + 0.1, max(high, 1.0))
    return low, high


def _text(value: float) -> str:
    return f"{value:.1f}"
