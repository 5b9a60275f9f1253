"""The distribution of a file's results: bars in a drawing of 100 by 100, as strings."""

from collections.abc import Sequence
from dataclasses import dataclass

from predictions.formats.numbers import number, whole_percent

# Keeps the bar of a band with few results visible.
MIN_BAR_HEIGHT = 1.0
# Of the width of a band.
GAP = 0.12


@dataclass(frozen=True)
class Band:
    """A bar, with its texts: the ends of the band, and how many results are in it."""

    x: str
    y: str
    width: str
    height: str
    label: str
    count: str


def distribution(counts: Sequence[int]) -> list[Band]:
    """Return a bar for each band of equal width from 0 to 1."""
    highest, slot = max(counts, default=0) or 1, 100 / len(counts)
    bands = []
    for at, count in enumerate(counts):
        height = max(count / highest * 100, MIN_BAR_HEIGHT if count else 0.0)
        low, high = at / len(counts), (at + 1) / len(counts)
        bands.append(
            Band(
                x=f"{slot * (at + GAP / 2):.2f}",
                y=f"{100 - height:.2f}",
                width=f"{slot * (1 - GAP):.2f}",
                height=f"{height:.2f}",
                label=f"{whole_percent(low)} – {whole_percent(high)}",
                count=number(count),
            )
        )
    return bands
