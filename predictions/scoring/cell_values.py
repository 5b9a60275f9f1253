"""The numbers that the cells of a column stand for.

The rules are those of `parsing` alone. What a cell means does not depend on its row, so each different text
of a field is read once and remembered. Declared choices and plain numbers are found without a text.
"""

import re

import numpy as np

from predictions.scoring.blocks import Rows
from predictions.scoring.grids import Grid
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.parsing import InvalidApplicant, parse_cell
from predictions.scoring.schema import FIELDS, Field, NumberField

# Values to remember for each field, and the longest text among them.
MAX_REMEMBERED = 50_000
MAX_TEXT = 40
# Stands for a text that is not a valid value of its field.
BAD = float("inf")
# Numbers that `parsing` reads as Python does.
CLEAR = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,2})?")


def values(field: Field, rows: Rows, column: int) -> Floats:
    """Return the numbers in the raw matrix of the cells of a column, `BAD` for those that are not valid."""
    remembered = REMEMBERED[field.name]
    if rows.grid is None:
        cells = rows.columns[column]
        return np.fromiter(map(remembered.__getitem__, cells), np.float64, len(cells))
    found = _found(field, rows.grid, column)
    others = np.flatnonzero(np.isnan(found))
    cells = rows.grid.cells(column, others)
    found[others] = np.fromiter(map(remembered.__getitem__, cells), np.float64, len(cells))
    return found


def _found(field: Field, grid: Grid, column: int) -> Floats:
    """Return the values of cells that are written as declared, NaN for others."""
    if not isinstance(field, NumberField):
        places = grid.places_of(column, field.values)
        codes = np.array([*LIVE[field.name].codes.values(), np.nan])
        return codes[places]
    numbers = grid.numbers(column)
    numbers[~_valid(field, numbers) & ~np.isnan(numbers)] = BAD
    return numbers


def _valid(field: NumberField, numbers: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    within = (field.minimum <= numbers) & (numbers <= field.maximum)
    return within & (np.floor(numbers) == numbers) if field.integer else within


class _Remembered(dict[str, float]):
    """The numbers in the raw matrix by the text of a cell."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self._codes = LIVE[field.name].codes

    def __missing__(self, text: str) -> float:
        value = self._read(text)
        if len(text) <= MAX_TEXT:
            if len(self) >= MAX_REMEMBERED:
                self.clear()
            self[text] = value
        return value

    def _read(self, text: str) -> float:
        field = self._field
        if isinstance(field, NumberField) and CLEAR.fullmatch(text):
            number = float(text)
            if field.minimum <= number <= field.maximum and (number.is_integer() or not field.integer):
                return number
            return BAD
        try:
            value = parse_cell(field, text)
        except InvalidApplicant:
            return BAD
        if self._codes:
            return self._codes[value]
        return float("nan") if value is None else float(value)


REMEMBERED = {field.name: _Remembered(field) for field in FIELDS}
