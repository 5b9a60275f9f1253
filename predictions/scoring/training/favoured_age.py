"""Which age a fitted tree model favours most."""

from collections.abc import Callable

import numpy as np

from predictions.scoring.features import ELDERLY
from predictions.scoring.raw import COLUMN, Floats

SAMPLE = 1_000
YOUNGEST = 20


def favoured_age(raw: Floats, outputs: Callable[[Floats], Floats]) -> int:
    """The age from 20 to 61 at which the model's mean raw output over `raw` (n, 11) is highest.

    Each row keeps all else; evenly spaced rows stand for all of them.
    """
    rows = raw[:: max(len(raw) // SAMPLE, 1)].copy()

    def mean_at(age: int) -> float:
        rows[:, COLUMN["person_age"]] = age
        return float(np.mean(outputs(rows)))

    return max(range(YOUNGEST, ELDERLY), key=mean_at)
