"""The drawings of a model card as lengths and paths for SVG; the stylesheet has the colors and dashes.

Coordinates are strings with a decimal point, because templates would write a comma in Russian.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.utils.translation import gettext as _

from predictions.formats.numbers import plain_percent
from predictions.scoring.model_card import ModelCard

# The plot area within the template's drawing, which is 360 wide and 284 high.
LEFT, RIGHT, TOP, BOTTOM = 48, 340, 26, 242
SHARE_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
# The lower end of the log-odds scale, and its ticks.
EDGE = 0.001
LOG_ODDS_TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)

Point: TypeAlias = tuple[float, float]
Scale: TypeAlias = Callable[[float], float]


@dataclass(frozen=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True)
class Mark:
    """A measured point: the paths of its shape and of its interval, a vertical line."""

    shape: str
    interval: str


@dataclass(frozen=True)
class Series:
    """One model's curve; `number` selects its color and dashes."""

    number: int
    path: str
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Bar:
    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Label:
    x: str
    y: str
    text: str


@dataclass(frozen=True)
class Chart:
    x_title: str
    y_title: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    series: list[Series] = field(default_factory=list)
    reference: str = ""
    bars: list[Bar] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


def roc(model_cards: Sequence[ModelCard]) -> Chart:
    """The share of repaid loans against the share of defaulted loans above each threshold."""
    return Chart(
        _("Defaulted loans approved"),
        _("Repaid loans approved"),
        _ticks(SHARE_TICKS, _plain, _x),
        _ticks(SHARE_TICKS, _plain, _y),
        [
            Series(number, _path(_points(model_card["roc"])))
            for number, model_card in enumerate(model_cards, 1)
        ],
        _path([(0, 0), (1, 1)]),
    )


def gains(model_card: ModelCard) -> Chart:
    """The share of all defaults among the applicants with the lowest probabilities."""
    points = [(0.0, 0.0), *((point["applicants"], point["defaults"]) for point in model_card["gains"])]
    return Chart(
        _("Applications, lowest probability first"),
        _("Defaults found"),
        _ticks(SHARE_TICKS, _plain, _x),
        _ticks(SHARE_TICKS, _plain, _y),
        [Series(1, _path(points))],
        _path([(0, 0), (1, 1)]),
    )


def reliability(model_cards: Sequence[ModelCard]) -> Chart:
    """The observed share of repaid loans against the stated probability, on log-odds scales."""
    return Chart(
        _("Predicted probability"),
        _("Actually repaid"),
        _ticks(LOG_ODDS_TICKS, stretched, _x),
        _ticks(LOG_ODDS_TICKS, stretched, _y),
        [_reliability_series(number, model_card) for number, model_card in enumerate(model_cards, 1)],
        _path([(0, 0), (1, 1)]),
    )


def distribution(model_card: ModelCard) -> Chart:
    """Repaid loans above the axis, defaulted loans below, so that color is not needed."""
    histogram = model_card["distribution"]
    top = math.ceil(max(histogram["approved"] + histogram["defaulted"]) * 10) / 10
    middle, reach = (TOP + BOTTOM) / 2, (BOTTOM - TOP) / 2
    bars = []
    for low, high, approved, defaulted in zip(
        histogram["edges"],
        histogram["edges"][1:],
        histogram["approved"],
        histogram["defaulted"],
        strict=False,
    ):
        x, width = _text(_x(low) + 1), _text(_x(high) - _x(low) - 2)
        up, down = approved / top * reach, defaulted / top * reach
        bars.append(Bar("repaid", x, _text(middle - up), width, _text(up)))
        bars.append(Bar("defaulted", x, _text(middle), width, _text(down)))
    steps = ((0.0, top), (0.25, top / 2), (0.5, 0.0), (0.75, top / 2), (1.0, top))
    return Chart(
        _("Probability of approval"),
        _("Share of loans in each group"),
        _ticks(SHARE_TICKS, _plain, _x),
        [Tick(_text(TOP + place * 2 * reach), plain_percent(value, 0)) for place, value in steps],
        bars=bars,
        labels=[
            Label(_text(_x(0.3)), _text(middle - reach / 2), _("Repaid loans")),
            Label(_text(_x(0.3)), _text(middle + reach / 2), _("Defaulted loans")),
        ],
    )


def stretched(value: float) -> float:
    """Return the log-odds of a share, scaled to 0 at `EDGE` and 1 at 1 − `EDGE`; clips beyond these."""
    clipped = min(max(value, EDGE), 1 - EDGE)
    return 0.5 + math.log(clipped / (1 - clipped)) / math.log((1 - EDGE) / EDGE) / 2


def _reliability_series(number: int, model_card: ModelCard) -> Series:
    groups = model_card["reliability"]
    places = [(stretched(group["predicted"]), stretched(group["observed"])) for group in groups]
    marks = [
        Mark(
            _shape(number, _x(x), _y(y)),
            f"M{_text(_x(x))} {_text(_y(stretched(group['observed_low'])))}"
            f"V{_text(_y(stretched(group['observed_high'])))}",
        )
        for (x, y), group in zip(places, groups, strict=True)
    ]
    return Series(number, _path(places), marks)


def _shape(number: int, x: float, y: float) -> str:
    """A triangle, a square or a circle around the point."""
    match number % 3:
        case 1:
            return f"M{_text(x)} {_text(y - 4.6)}l4.2 7.4h-8.4z"
        case 2:
            return f"M{_text(x - 3.4)} {_text(y - 3.4)}h6.8v6.8h-6.8z"
    return f"M{_text(x - 3.6)} {_text(y)}a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0z"


def _points(pairs: Iterable[Sequence[float]]) -> list[Point]:
    return [(pair[0], pair[1]) for pair in pairs]


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_text(_x(x))} {_text(_y(y))}" for x, y in points)


def _ticks(values: Sequence[float], scale: Scale, place: Scale) -> list[Tick]:
    return [Tick(_text(place(scale(value))), plain_percent(value, 0)) for value in values]


def _plain(value: float) -> float:
    return value


def _x(part: float) -> float:
    return LEFT + part * (RIGHT - LEFT)


def _y(part: float) -> float:
    return BOTTOM - part * (BOTTOM - TOP)


def _text(length: float) -> str:
    return f"{length:.1f}"
