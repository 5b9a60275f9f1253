"""Chooses the applicants against which contributions are measured."""

import numpy as np

from predictions.scoring.models.protocol import Floats
from predictions.scoring.schema import FIELDS, Applicant, ChoiceField, Value
from predictions.training.data import Data

BACKGROUND_ROWS = 32
DRAWS = 500


def choose_background(data: Data, seed: int) -> list[Applicant]:
    """Return `BACKGROUND_ROWS` rows of the data: the most representative of `DRAWS` random draws.

    The most representative draw has the smallest mean squared difference from the data in the mean ranks
    of numbers, the frequencies of choices, and the approval rate.
    """
    random = np.random.default_rng(seed)
    features = _features(data)
    means = features.mean(axis=0)
    draws = [random.choice(len(data), BACKGROUND_ROWS, replace=False) for _draw in range(DRAWS)]
    best = min(draws, key=lambda rows: float(((features[rows].mean(axis=0) - means) ** 2).mean()))
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


def _features(data: Data) -> Floats:
    """Return columns from 0 to 1: the outcome, ranks of numbers and their gaps, and choices (0 or 1)."""
    columns = [data.approved]
    for index, field in enumerate(FIELDS):
        column = data.raw[:, index]
        if isinstance(field, ChoiceField):
            columns += [(column == code).astype(np.float64) for code in range(len(field.values))]
        else:
            columns += [np.argsort(np.argsort(column)) / len(column), np.isnan(column).astype(np.float64)]
    return np.column_stack(columns)
