"""The parts of the data that a card looks at one by one."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.models.trees import ELDERLY
from predictions.scoring.schema import FIELDS_BY_NAME, ChoiceField

AGE_BANDS = ((18, 24), (25, 34), (35, 44), (45, 61), (ELDERLY, 100))
SAMPLE = 1_000
YOUNGEST = 20
SLICED_CHOICES = ("person_home_ownership", "loan_intent", "loan_grade")

Mask = NDArray[np.bool_]


def age_bands(raw: Floats) -> dict[str, Mask]:
    """Band name ("25-34", the last "62+") -> its rows, shape (n,)."""
    age = raw[:, COLUMN["person_age"]]
    return {
        f"{low}+" if low == ELDERLY else f"{low}-{high}": (age >= low) & (age <= high)
        for low, high in AGE_BANDS
    }


def choice_parts(raw: Floats, name: str) -> dict[str, Mask]:
    """Value of the choice field `name` -> its rows, shape (n,)."""
    field = FIELDS_BY_NAME[name]
    assert isinstance(field, ChoiceField)
    return {value: raw[:, COLUMN[name]] == code for code, value in enumerate(field.values)}


def all_parts(raw: Floats) -> dict[str, dict[str, Mask]]:
    """Every field that a card slices by -> its parts."""
    return {"person_age": age_bands(raw)} | {name: choice_parts(raw, name) for name in SLICED_CHOICES}


def favoured_age(raw: Floats, outputs: Callable[[Floats], Floats]) -> int:
    """The age from 20 to 61 at which the model's mean raw output over `raw` (n, 11) is highest.

    Each row keeps all else; evenly spaced rows stand for all of them.
    """
    rows = raw[:: max(len(raw) // SAMPLE, 1)].copy()

    def mean_at(age: int) -> float:
        rows[:, COLUMN["person_age"]] = age
        return float(np.mean(outputs(rows)))

    return max(range(YOUNGEST, ELDERLY), key=mean_at)
