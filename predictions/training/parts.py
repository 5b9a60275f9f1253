"""The groups of rows for which the model card has separate figures."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.models.trees import ELDERLY
from predictions.scoring.schema import choice_field, number_field

AGE = number_field("person_age")
# The lowest age that may apply and that the data is likely to contain.
MIN_AGE = int(max(AGE.minimum, AGE.trained_from))
BAND_STARTS = (AGE.minimum, *(age for age in (25, 35, 45, ELDERLY) if age > AGE.minimum))
INCOME = number_field("person_income")
INCOME_STARTS = (INCOME.minimum, 20_000, 40_000, 60_000, 80_000, 120_000)
SLICED_CHOICES = ("person_home_ownership", "loan_intent", "loan_grade")

Mask = NDArray[np.bool_]


def age_bands(raw: Floats) -> dict[str, Mask]:
    """Return a mask of rows, shape (n,), for each band name, such as "25-34"; the last is "62+"."""
    return _bands(raw[:, COLUMN[AGE.name]], BAND_STARTS)


def income_bands(raw: Floats) -> dict[str, Mask]:
    """Return the same for incomes."""
    return _bands(raw[:, COLUMN[INCOME.name]], INCOME_STARTS)


def _bands(values: Floats, starts: Sequence[int]) -> dict[str, Mask]:
    bands = {f"{low}-{above - 1}": (values >= low) & (values < above) for low, above in pairwise(starts)}
    return bands | {f"{starts[-1]}+": values >= starts[-1]}


def choice_parts(raw: Floats, name: str) -> dict[str, Mask]:
    """Return a mask of rows, shape (n,), for each value of the choice field `name`."""
    return {value: raw[:, COLUMN[name]] == code for code, value in enumerate(choice_field(name).values)}


def all_parts(raw: Floats) -> dict[str, dict[str, Mask]]:
    """Return the parts by each field for which the model card has slices."""
    return {AGE.name: age_bands(raw), INCOME.name: income_bands(raw)} | {
        name: choice_parts(raw, name) for name in SLICED_CHOICES
    }
