"""The applicants that contributions are measured against."""

import numpy as np

from predictions.scoring.models.protocol import Floats
from predictions.scoring.schema import FIELDS, Applicant, ChoiceField, Value
from predictions.training.data import Data

BACKGROUND_ROWS = 32
DRAWS = 500


def choose_background(data: Data, seed: int) -> list[Applicant]:
    """`BACKGROUND_ROWS` real rows that stand for the data: of `DRAWS` draws the one most like it.

    Likeness: mean squared distance of the ranks' means (numbers), of the frequencies (choices) and of
    the approval rate between draw and data.
    """
    random = np.random.default_rng(seed)
    described = _described(data)
    whole = described.mean(axis=0)
    draws = [random.choice(len(data), BACKGROUND_ROWS, replace=False) for _draw in range(DRAWS)]
    best = min(draws, key=lambda rows: float(((described[rows].mean(axis=0) - whole) ** 2).mean()))
    return [to_applicant(row) for row in data.raw[np.sort(best)]]


def to_applicant(row: Floats) -> Applicant:
    """The inverse of `to_raw` for one row."""
    return {field.name: _value(field, float(cell)) for field, cell in zip(FIELDS, row, strict=True)}


def _value(field: object, cell: float) -> Value:
    if isinstance(field, ChoiceField):
        return field.values[int(cell)]
    if np.isnan(cell):
        return None
    return int(cell) if getattr(field, "integer", False) else cell


def _described(data: Data) -> Floats:
    """Columns between 0 and 1 for each number (its rank), each choice (0 or 1), and the outcome."""
    columns = [data.approved]
    for index, field in enumerate(FIELDS):
        column = data.raw[:, index]
        if isinstance(field, ChoiceField):
            columns += [(column == code).astype(np.float64) for code in range(len(field.values))]
        else:
            columns += [np.argsort(np.argsort(column)) / len(column), np.isnan(column).astype(np.float64)]
    return np.column_stack(columns)
