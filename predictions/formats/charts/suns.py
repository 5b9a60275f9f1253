"""Several probabilities as suns on one horizon, each with its name."""

from collections.abc import Sequence
from dataclasses import dataclass

from predictions.formats.charts.horizon import anchor, place, tone

# Pixels: above the line, of a sun on another, from the line to the first name, of a name.
TOP = 34
STEP = 24
FIRST_LABEL = 40
LABEL = 26
# So near to an end, a sun or its name stands where the end would be named.
NEAR_END = 0.12
# Suns that are closer would hide each other.
CLOSE = 0.03


@dataclass(frozen=True)
class Sun:
    """One of several suns on one line, with its name at `label_y`, which no line to another name crosses.

    Suns of nearly the same place are stacked upward: `y` is the height of their center.
    """

    name: str
    probability: float
    x: str
    y: int
    label_y: int
    tone: int
    anchor: str

    @property
    def shift(self) -> int:
        """Pixels that keep the name beside the line that leads to it."""
        return {"start": 8, "middle": 0, "end": -8}[self.anchor]


@dataclass(frozen=True)
class Together:
    """Several probabilities on one line, lowest first; `height` has room for all names."""

    suns: list[Sun]
    line_y: int
    height: int
    average: float | None
    mark: str | None
    anchor: str

    @property
    def covers_low(self) -> bool:
        """Whether a sun or its name stands where the low end would be named."""
        return any(sun.probability < NEAR_END for sun in self.suns)

    @property
    def covers_high(self) -> bool:
        return any(sun.probability > 1 - NEAR_END for sun in self.suns)


def together(results: Sequence[tuple[str, float]], average: float | None) -> Together:
    """Return the drawing of `results`, pairs of a name and a probability."""
    ordered = sorted(results, key=lambda result: result[1])
    stacks = _stacks([probability for _name, probability in ordered])
    line_y = TOP + max(stacks, default=0) * STEP
    rows = _rows([probability for _name, probability in ordered])
    suns = [
        Sun(
            name,
            probability,
            place(probability),
            line_y - stack * STEP,
            line_y + FIRST_LABEL + rows[number] * LABEL,
            tone(probability),
            anchor(probability),
        )
        for number, ((name, probability), stack) in enumerate(zip(ordered, stacks, strict=True))
    ]
    mark = None if average is None else place(average)
    height = line_y + FIRST_LABEL + len(suns) * LABEL
    return Together(suns, line_y, height, average, mark, anchor(average or 0.5))


def _rows(probabilities: Sequence[float]) -> list[int]:
    """Return the row of each name: a line to a lower name passes beside the higher ones.

    Of names that run to the right, the one farthest right is on top; of the others, the one farthest left.
    """
    numbers = range(len(probabilities))
    to_the_right = [number for number in numbers if anchor(probabilities[number]) == "start"]
    order = [*reversed(to_the_right), *(number for number in numbers if number not in to_the_right)]
    return [order.index(number) for number in numbers]


def _stacks(probabilities: Sequence[float]) -> list[int]:
    """Return for each of the rising `probabilities` on how many others it is stacked."""
    stacks: list[int] = []
    for number, probability in enumerate(probabilities):
        close = number and probability - probabilities[number - 1] < CLOSE
        stacks.append(stacks[-1] + 1 if close else 0)
    return stacks
