"""The parts of the data that a card looks at one by one."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.models.trees import ELDERLY
from predictions.scoring.schema import choice_field, number_field

AGE = number_field("person_age")
# The youngest that may apply and that the data is likely to hold.
YOUNGEST = int(max(AGE.minimum, AGE.trained_from))
BAND_STARTS = (AGE.minimum, *(age for age in (25, 35, 45, ELDERLY) if age > AGE.minimum))
SAMPLE = 1_000
SLICED_CHOICES = ("person_home_ownership", "loan_intent", "loan_grade")

Mask = NDArray[np.bool_]


def age_bands(raw: Floats) -> dict[str, Mask]:
    """Band name ("25-34", the last "62+") -> its rows, shape (n,)."""
    age = raw[:, COLUMN[AGE.name]]
    bands = {f"{low}-{above - 1}": (age >= low) & (age < above) for low, above in pairwise(BAND_STARTS)}
    return bands | {f"{BAND_STARTS[-1]}+": age >= BAND_STARTS[-1]}


def choice_parts(raw: Floats, name: str) -> dict[str, Mask]:
    """Value of the choice field `name` -> its rows, shape (n,)."""
    return {value: raw[:, COLUMN[name]] == code for code, value in enumerate(choice_field(name).values)}


def all_parts(raw: Floats) -> dict[str, dict[str, Mask]]:
    """Every field that a card slices by -> its parts."""
    return {AGE.name: age_bands(raw)} | {name: choice_parts(raw, name) for name in SLICED_CHOICES}


def favoured_age(raw: Floats, outputs: Callable[[Floats], Floats]) -> int:
    """The age below 62 at which the model's mean raw output over the raw matrix `raw` is highest.

    Each row keeps all else; evenly spaced rows stand for all of them.
    """
    rows = raw[:: max(len(raw) // SAMPLE, 1)].copy()

    def mean_at(age: int) -> float:
        rows[:, COLUMN[AGE.name]] = age
        return float(np.mean(outputs(rows)))

    return max(range(YOUNGEST, ELDERLY), key=mean_at)
