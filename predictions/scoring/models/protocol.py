"""What all models share: applicants as a matrix of numbers, and the interface of a model.

A raw matrix is float64 of shape (n, 11), columns in the order of `FIELD_NAMES`: numbers in their own
units, NaN where unknown, choices as their position in `ChoiceField.values`.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.schema import FIELD_NAMES, FIELDS, SHARE_FIELD, Applicant, ChoiceField, Value

Floats = NDArray[np.float64]

COLUMN: dict[str, int] = {name: index for index, name in enumerate(FIELD_NAMES)}
FREE_NAMES: tuple[str, ...] = tuple(name for name in FIELD_NAMES if name != SHARE_FIELD)

_AMOUNT, _INCOME, _SHARE = COLUMN["loan_amnt"], COLUMN["person_income"], COLUMN[SHARE_FIELD]
_CODES: dict[str, dict[Value, float]] = {
    field.name: {value: float(code) for code, value in enumerate(field.values)}
    for field in FIELDS
    if isinstance(field, ChoiceField)
}
_NAN = float("nan")
_READERS = tuple((name, _CODES.get(name)) for name in FIELD_NAMES)


class Model(Protocol):
    """A loaded model. Its numbers depend on the row alone, never on the batch that the row came in."""

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        """Probability of approval of each applicant, shape (n,), float64 in [0, 1]."""

    def approval_of_raw(self, raw: Floats) -> Floats:
        """The same for a raw matrix of shape (n, 11), see `predictions.scoring.models.protocol`."""


def to_raw(applicants: Sequence[Applicant]) -> Floats:
    """The raw matrix of `applicants`, shape (n, 11); the share is always worked out anew.

    Raises `ValueError` that names the row (from 0) when a field is missing or is no such value.
    """
    rows = []
    for number, applicant in enumerate(applicants):
        try:
            rows.append(_row(applicant))
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise ValueError(f"applicant {number}: no usable value ({error})") from None
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FIELD_NAMES))


def with_share(raw: Floats) -> Floats:
    """Sets the share column of `raw` to amount / income, in place, and returns `raw`."""
    if not (raw[:, _INCOME] > 0).all():
        raise ValueError("person_income must be above 0")
    np.divide(raw[:, _AMOUNT], raw[:, _INCOME], out=raw[:, _SHARE])
    return raw


def _row(applicant: Applicant) -> list[float]:
    """Written out rather than looped in small functions: it is half the cost of scoring one row."""
    row = [
        codes[applicant[name]] if codes else _NAN if (value := applicant[name]) is None else float(value)
        for name, codes in _READERS
    ]
    if row[_INCOME] <= 0:
        raise ValueError("person_income must be above 0")
    row[_SHARE] = row[_AMOUNT] / row[_INCOME]
    return row
