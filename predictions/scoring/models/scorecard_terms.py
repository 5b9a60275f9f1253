"""The tables of points of a scorecard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Column, Columns, Floats

Bins = NDArray[np.intp]


@dataclass(frozen=True)
class Axis:
    """The bins of one field.

    A number is in bin i if it is at or above exactly i of the `bin_edges`; unknown values have the last bin.
    Each choice has its own bin, in the order of `Column.choices`, without edges.
    """

    column: Column
    position: int  # The index of the column in the raw matrix.
    bin_edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, columns: Columns, field: str, bin_edges: Sequence[float] = ()) -> "Axis":
        """Return the axis of `field`. Raises `KeyError` if `columns` does not have the field."""
        return cls(columns[field], columns.index[field], tuple(bin_edges))

    @property
    def field(self) -> str:
        return self.column.name

    @property
    def size(self) -> int:
        return len(self.column.choices) or len(self.bin_edges) + 1 + self.column.nullable

    def bins(self, raw: Floats) -> Bins:
        """Return the bin of each row of a raw matrix, shape (n,)."""
        return self.bins_of(raw[:, self.position])

    def bins_of(self, values: Floats) -> Bins:
        """Return the bin of each value, in the same shape."""
        if self.column.choices:
            return values.astype(np.intp)
        bins = np.searchsorted(np.array(self.bin_edges), values, side="right")
        bins[np.isnan(values)] = self.size - 1
        return bins


@dataclass(frozen=True)
class Term:
    """A table of points by one field or by two fields together. `points` has one dimension per axis."""

    axes: tuple[Axis, ...]
    points: NDArray[np.int64]

    def cells(self, raw: Floats) -> tuple[Bins, ...]:
        return tuple(axis.bins(raw) for axis in self.axes)
