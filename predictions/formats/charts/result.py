"""Charts of a result as SVG coordinates, which are strings with a decimal point.

A drawing is `WIDTH` by `HEIGHT` units; the page scales it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 100
# The scale of a waterfall spans its totals, rounded out to tenths, but at least this much. Totals between
# base and result may lie outside 0 to 1; base and result do not.
MIN_SPAN = 0.3
# Smaller contributions are drawn as a thin line of this width.
MIN_STEP_WIDTH = 3.0


@dataclass(frozen=True)
class Step:
    """One contribution: a bar of `width` at `x`; `start` and `end` are the totals before and after it."""

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
    """`steps`, largest first, lead from the base at x = `first` to the result at x = `last`.

    The scale goes from `low` to `high`; `marks` are its ends, clipped to 0 and 1.
    """

    low: float
    high: float
    marks: list[Mark]
    first: str
    last: str
    steps: list[Step]


@dataclass(frozen=True)
class LineChart:
    """A line through all points; `marker` is the applicant's own point, None if it is not among them."""

    path: str
    marker: tuple[str, str] | None


def waterfall(base: float, changes: Mapping[str, float]) -> Waterfall:
    """`base` and `changes` are probabilities and their differences."""
    order = sorted(changes, key=lambda key: -abs(changes[key]))
    totals = [base]
    for key in order:
        totals.append(totals[-1] + changes[key])
    low, high = _span(min(totals), max(totals))
    places = [(total - low) / (high - low) * WIDTH for total in totals]
    steps = []
    for key, start, end in zip(order, places, places[1:], strict=False):
        width = max(abs(end - start), MIN_STEP_WIDTH)
        left = min(start, end) if abs(end - start) >= MIN_STEP_WIDTH else (start + end - width) / 2
        steps.append(Step(key, changes[key], _text(left), _text(width), _text(start), _text(end)))
    ends = (max(low, 0.0), min(high, 1.0))
    marks = [Mark(end, _text((end - low) / (high - low) * 100)) for end in ends]
    return Waterfall(low, high, marks, _text(places[0]), _text(places[-1]), steps)


def line(points: Sequence[tuple[float, float]], own: float | None, *, logarithmic: bool = False) -> LineChart:
    """`points` are `(value, probability)` by rising value; the height is probabilities from 0 to 1."""

    def scale(value: float) -> float:
        return math.log(value) if logarithmic else value

    first, last = scale(points[0][0]), scale(points[-1][0])
    span = (last - first) or 1.0
    places = [
        (_text((scale(value) - first) / span * WIDTH), _text((1 - probability) * HEIGHT))
        for value, probability in points
    ]
    marker = next((place for place, (value, _) in zip(places, points, strict=True) if value == own), None)
    return LineChart("M" + "L".join(f"{x} {y}" for x, y in places), marker)


def _span(lowest: float, highest: float) -> tuple[float, float]:
    low, high = math.floor(lowest * 10 + 1e-9) / 10, math.ceil(highest * 10 - 1e-9) / 10
    while high - low < MIN_SPAN - 1e-9:
        low, high = max(low - 0.1, min(low, 0.0)), min(high + 0.1, max(high, 1.0))
    return low, high


def _text(value: float) -> str:
    return f"{value:.1f}"
