"""The groups of rows for which the model card has separate figures."""

from collections.abc import Callable
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
SAMPLE_ROWS = 1_000
SLICED_CHOICES = ("person_home_ownership", "loan_intent", "loan_grade")

Mask = NDArray[np.bool_]


def age_bands(raw: Floats) -> dict[str, Mask]:
    """Return a mask of rows, shape (n,), for each band name, such as "25-34"; the last is "62+"."""
    age = raw[:, COLUMN[AGE.name]]
    bands = {f"{low}-{above - 1}": (age >= low) & (age < above) for low, above in pairwise(BAND_STARTS)}
    return bands | {f"{BAND_STARTS[-1]}+": age >= BAND_STARTS[-1]}


def choice_parts(raw: Floats, name: str) -> dict[str, Mask]:
    """Return a mask of rows, shape (n,), for each value of the choice field `name`."""
    return {value: raw[:, COLUMN[name]] == code for code, value in enumerate(choice_field(name).values)}


def all_parts(raw: Floats) -> dict[str, dict[str, Mask]]:
    """Return the parts by each field for which the model card has slices."""
    return {AGE.name: age_bands(raw)} | {name: choice_parts(raw, name) for name in SLICED_CHOICES}


def favored_age(raw: Floats, outputs: Callable[[Floats], Floats]) -> int:
    """Return the age below 62 at which the mean of `outputs` over the raw matrix `raw` is highest.

    All other fields stay unchanged. Uses up to about `SAMPLE_ROWS` evenly spaced rows.
    """
    rows = raw[:: max(len(raw) // SAMPLE_ROWS, 1)].copy()

    def mean_at(age: int) -> float:
        rows[:, COLUMN[AGE.name]] = age
        return float(np.mean(outputs(rows)))

    return max(range(MIN_AGE, ELDERLY), key=mean_at)
