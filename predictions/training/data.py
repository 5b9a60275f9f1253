"""Reads and checks the training data."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from predictions.scoring import parsing
from predictions.scoring.models.protocol import COLUMN, Floats, with_share
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, SHARE_FIELD, ChoiceField, NumberField

LABEL = "loan_status"  # 1 is a DEFAULT.
MIN_ROWS = 500
MAX_REFUSED = 0.01
# As much as the service allows, because the public file rounds the share to two decimals.
SHARE_TOLERANCE = float(parsing.SHARE_TOLERANCE) + 1e-9
MAX_WRONG_SHARES = 0.02


class BadData(ValueError):
    """The data cannot be used for training. The message explains why."""


@dataclass(frozen=True)
class Data:
    """Raw matrix, `approved` (n,): 1.0 if the loan was repaid, `groups` (n,): equal for equal rows."""

    raw: Floats
    approved: Floats
    groups: NDArray[np.int64]
    rows_read: int
    sha256: str

    def take(self, rows: NDArray[np.intp]) -> "Data":
        """Return the data with these row numbers."""
        return Data(self.raw[rows], self.approved[rows], self.groups[rows], self.rows_read, self.sha256)

    def __len__(self) -> int:
        return len(self.raw)


def read_data(path: Path) -> Data:
    """Read and check a CSV file with the fields of the schema and `loan_status`. Raises `BadData`."""
    try:
        frame = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise BadData(f"{path} cannot be read as CSV: {error}") from error
    return check_frame(frame, hashlib.sha256(path.read_bytes()).hexdigest())


def check_frame(frame: pd.DataFrame, sha256: str) -> Data:
    """Return the usable rows of `frame`. Raises `BadData` if the file as a whole is not usable.

    Rows that the service would refuse are left out: those with values outside the bounds (such as an age of
    144), of which more than 1% are an error, because that suggests a different file or different units; and
    those whose share contradicts amount and income, of which 2% are.
    """
    expected = {*FIELDS_BY_NAME, LABEL}
    if missing := sorted(expected - set(frame.columns)):
        raise BadData(f"missing columns: {', '.join(missing)}")
    if extra := sorted(set(frame.columns) - expected):
        raise BadData(f"unknown columns: {', '.join(map(str, extra))}")
    if len(frame) < MIN_ROWS:
        raise BadData(f"{len(frame)} rows are too few, at least {MIN_ROWS} are needed")
    defaulted = _label(frame)
    raw = np.column_stack([_column(frame, field) for field in FIELDS])
    agrees = _agrees(raw)
    usable = _acceptable(raw)
    if (~usable).mean() > MAX_REFUSED:
        raise BadData(
            f"{(~usable).mean():.1%} of the rows are outside the bounds of the fields, {_worst(raw)}: "
            "are the units right? Remove rows that the service would refuse"
        )
    usable &= agrees
    raw, approved = with_share(raw[usable]), 1.0 - defaulted[usable]
    _check_direction(raw, approved)
    return Data(raw, approved, _groups(raw, approved), len(frame), sha256)


def _label(frame: pd.DataFrame) -> Floats:
    values = set(frame[LABEL].unique())
    if values != {0, 1}:
        raise BadData(
            f"{LABEL} must contain 0 and 1 (1 is a default), but contains {sorted(map(str, values))[:5]}"
        )
    return np.asarray(frame[LABEL], dtype=np.float64)


def _column(frame: pd.DataFrame, field: NumberField | ChoiceField) -> Floats:
    column = frame[field.name]
    if isinstance(field, ChoiceField):
        codes = column.map({value: float(code) for code, value in enumerate(field.values)})
        if codes.isna().any():
            unknown = sorted(set(column[codes.isna()].astype(str)))[:5]
            raise BadData(
                f"{field.name} contains {', '.join(unknown)} but must be one of {', '.join(field.values)}"
            )
        return np.asarray(codes, dtype=np.float64)
    if not pd.api.types.is_numeric_dtype(column):
        raise BadData(f"{field.name} must contain numbers, but contains {column.dtype}")
    numbers: Floats = np.asarray(column, dtype=np.float64)
    if np.isnan(numbers).any() and not field.nullable:
        raise BadData(f"{field.name} has {int(np.isnan(numbers).sum())} empty cells")
    return numbers


def _outside(raw: Floats, field: NumberField) -> NDArray[np.bool_]:
    values = raw[:, COLUMN[field.name]]
    outside = (values < field.minimum) | (values > field.maximum)
    if field.not_over_age:
        outside |= values > raw[:, COLUMN["person_age"]]
    return np.asarray(outside)


def _acceptable(raw: Floats) -> NDArray[np.bool_]:
    bad = [_outside(raw, field) for field in FIELDS if isinstance(field, NumberField)]
    return np.asarray(~np.any(bad, axis=0))


def _worst(raw: Floats) -> str:
    """Return a text with the field that refuses most rows, and its bounds."""
    numbers = [field for field in FIELDS if isinstance(field, NumberField)]
    field = max(numbers, key=lambda field: int(_outside(raw, field).sum()))
    return f"most of them because of {field.name}, which must be {field.minimum} to {field.maximum}"


def _agrees(raw: Floats) -> NDArray[np.bool_]:
    """Return which rows have the share that amount and income give. Raises `BadData` if too many do not."""
    share = raw[:, COLUMN["loan_amnt"]] / np.maximum(raw[:, COLUMN["person_income"]], 1)
    agrees = np.abs(share - raw[:, COLUMN[SHARE_FIELD]]) <= SHARE_TOLERANCE
    wrong = float((~agrees).mean())
    if wrong > MAX_WRONG_SHARES:
        raise BadData(
            f"{SHARE_FIELD} is not loan_amnt / person_income in {wrong:.1%} of the rows: are the units right?"
        )
    return np.asarray(agrees)


def _check_direction(raw: Floats, approved: Floats) -> None:
    """Raise `BadData` if grade A defaults as often as D to G, or a previous default is an advantage."""
    grade, on_file = raw[:, COLUMN["loan_grade"]], raw[:, COLUMN["cb_person_default_on_file"]]
    good, poor = approved[grade == 0], approved[grade >= 3]
    clean, marked = approved[on_file == 0], approved[on_file == 1]
    if min(map(len, (good, poor, clean, marked))) == 0:
        raise BadData("the rows do not cover grade A, grades D to G, and both kinds of bureau record")
    if good.mean() <= poor.mean() or clean.mean() < marked.mean():
        raise BadData(f"{LABEL} seems to be inverted: 1 must mean a default, and grade A must default least")


def _groups(raw: Floats, approved: Floats) -> NDArray[np.int64]:
    rows = np.nan_to_num(np.column_stack([raw, approved]), nan=-1.0)
    _unique, inverse = np.unique(rows, axis=0, return_inverse=True)
    return np.asarray(inverse, dtype=np.int64).ravel()
