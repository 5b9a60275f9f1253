"""Reads and checks the training data."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from predictions.scoring import parsing
from predictions.scoring.data_texts import Found
from predictions.scoring.models.protocol import COLUMN, Floats, with_share
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, SHARE_FIELD, ChoiceField, NumberField
from predictions.training import left_out
from predictions.training.findings import BadData, found
from predictions.training.leaks import look_for_leaks
from predictions.training.reading import read_frame

__all__ = ["LABEL", "MIN_OF_EACH", "MIN_ROWS", "BadData", "Data", "check_frame", "read_data"]

LABEL = "loan_status"  # 1 is a DEFAULT.
MIN_ROWS = 500
# As many as backtests need: validations with fewer mislead (Collins, Ogundimu, Altman, 2016).
MIN_OF_EACH = 100
MAX_REFUSED = 0.01
# As much as the service allows, because the public file rounds the share to two decimals.
SHARE_TOLERANCE = float(parsing.SHARE_TOLERANCE) + 1e-9
MAX_WRONG_SHARES = 0.02


@dataclass(frozen=True)
class Data:
    """Raw matrix, `approved` (n,): 1.0 if the loan was repaid, `groups` (n,): equal for equal rows.

    `found` is what the checks have found.
    """

    raw: Floats
    approved: Floats
    groups: NDArray[np.int64]
    rows_read: int
    sha256: str
    found: list[Found] = field(default_factory=list)

    def take(self, rows: NDArray[np.intp]) -> "Data":
        """Return the data with these row numbers."""
        return replace(self, raw=self.raw[rows], approved=self.approved[rows], groups=self.groups[rows])

    def __len__(self) -> int:
        return len(self.raw)


def read_data(path: Path) -> Data:
    """Read and check a CSV file with the fields of the schema and `loan_status`. Raises `BadData`."""
    frame = read_frame(path)
    return check_frame(frame, hashlib.sha256(path.read_bytes()).hexdigest())


def check_frame(frame: pd.DataFrame, sha256: str) -> Data:
    """Return the usable rows of `frame`. Raises `BadData` if the file as a whole is not usable.

    Rows that the service would refuse are left out: those with values outside the bounds (such as an age of
    144), of which more than 1% are an error, because that suggests a different file or different units; and
    those whose share contradicts amount and income, of which 2% are.
    """
    told: list[Found] = []
    try:
        return _checked(frame, sha256, told)
    except BadData as refusal:
        refusal.found = told
        raise


def _checked(frame: pd.DataFrame, sha256: str, told: list[Found]) -> Data:
    """Do what `check_frame` does; adds what is found to `told` as soon as it is found."""
    defaulted = _label(frame)
    raw = np.column_stack([_column(frame, field) for field in FIELDS])
    wrong, outside = _contradicts(raw), _outside_rows(raw)
    told += left_out.contradictory(raw, defaulted, wrong) + left_out.repeated(frame, defaulted)
    marks = look_for_leaks(frame, defaulted)
    _check_bounds(raw, outside, wrong, told)
    usable = ~(outside | wrong)
    raw, approved = with_share(raw[usable]), 1.0 - defaulted[usable]
    _check_direction(raw, approved)
    rows = found("rows", read=len(frame), used=len(raw), defaulted_rate=float(1 - approved.mean()))
    told[:] = [rows, *told, *marks]
    return Data(raw, approved, _groups(raw, approved), len(frame), sha256, told)


def _check_columns(frame: pd.DataFrame) -> None:
    expected = {*FIELDS_BY_NAME, LABEL}
    if missing := sorted(expected - set(frame.columns)):
        raise BadData("missing_columns", columns=", ".join(missing))
    if extra := sorted(map(str, set(frame.columns) - expected)):
        raise BadData("unknown_columns", columns=", ".join(extra))
    if len(frame) < MIN_ROWS:
        raise BadData("too_few_rows", rows=len(frame), minimum=MIN_ROWS)


def _label(frame: pd.DataFrame) -> Floats:
    """Return 1.0 for each row that defaulted, and 0.0 for the others."""
    _check_columns(frame)
    column = frame[LABEL]
    values = set(column.dropna().unique())
    if not values <= {0, 1}:
        raise BadData("strange_labels", examples=sorted(map(str, values - {0, 1}))[:5])
    if column.isna().any():
        raise BadData("empty_labels", rows=int(column.isna().sum()))
    if len(values) < 2:
        raise BadData("one_outcome", value=str(int(values.pop())))
    labels = np.asarray(column, dtype=np.float64)
    for value in (0, 1):
        if (rows := int((labels == value).sum())) < MIN_OF_EACH:
            raise BadData("few_of_outcome", rows=rows, value=str(value), minimum=MIN_OF_EACH)
    return labels


def _column(frame: pd.DataFrame, field: NumberField | ChoiceField) -> Floats:
    column = frame[field.name]
    if isinstance(field, ChoiceField):
        codes = column.map({value: float(code) for code, value in enumerate(field.values)})
        if codes.isna().any():
            unknown = sorted(set(column[codes.isna()].astype(str)))[:5]
            raise BadData("not_a_choice", field=field.name, examples=unknown, choices=", ".join(field.values))
        return np.asarray(codes, dtype=np.float64)
    numbers: Floats = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    texts = ~np.isfinite(numbers) & column.notna().to_numpy()
    if texts.any():
        raise BadData("not_numbers", field=field.name, examples=sorted(set(map(str, column[texts])))[:3])
    if np.isnan(numbers).any() and not field.nullable:
        raise BadData("empty_cells", field=field.name, rows=int(np.isnan(numbers).sum()))
    return numbers


def _number_fields() -> list[NumberField]:
    return [field for field in FIELDS if isinstance(field, NumberField)]


def _beyond(raw: Floats, field: NumberField) -> NDArray[np.bool_]:
    values = raw[:, COLUMN[field.name]]
    return np.asarray((values < field.minimum) | (values > field.maximum))


def _over_age(raw: Floats, field: NumberField) -> NDArray[np.bool_]:
    over = raw[:, COLUMN[field.name]] > raw[:, COLUMN["person_age"]]
    return np.asarray(over & bool(field.not_over_age))


def _outside_rows(raw: Floats) -> NDArray[np.bool_]:
    return np.asarray(
        np.any([_beyond(raw, field) | _over_age(raw, field) for field in _number_fields()], axis=0)
    )


def _check_bounds(
    raw: Floats, outside: NDArray[np.bool_], wrong: NDArray[np.bool_], told: list[Found]
) -> None:
    """Raise `BadData` if too many rows are out of bounds or have a wrong share; adds to `told` what is."""
    if wrong.mean() > MAX_WRONG_SHARES:
        raise BadData("wrong_shares", rate=float(wrong.mean()))
    fields = [(field, _beyond(raw, field), _over_age(raw, field)) for field in _number_fields()]
    told += left_out.outside(raw, fields)
    if outside.mean() > MAX_REFUSED:
        worst = max(fields, key=lambda one: int((one[1] | one[2]).sum()))[0]
        raise BadData(
            "too_many_outside",
            rate=float(outside.mean()),
            field=worst.name,
            minimum=worst.minimum,
            maximum=worst.maximum,
        )


def _contradicts(raw: Floats) -> NDArray[np.bool_]:
    """Return which rows do not have the share that amount and income give."""
    share = raw[:, COLUMN["loan_amnt"]] / np.maximum(raw[:, COLUMN["person_income"]], 1)
    return np.asarray(np.abs(share - raw[:, COLUMN[SHARE_FIELD]]) > SHARE_TOLERANCE)


def _check_direction(raw: Floats, approved: Floats) -> None:
    """Raise `BadData` if grade A defaults as often as D to G, or a previous default is an advantage."""
    grade, on_file = raw[:, COLUMN["loan_grade"]], raw[:, COLUMN["cb_person_default_on_file"]]
    good, poor = approved[grade == 0], approved[grade >= 3]
    clean, marked = approved[on_file == 0], approved[on_file == 1]
    if min(map(len, (good, poor, clean, marked))) == 0:
        raise BadData("not_covered")
    if good.mean() <= poor.mean() or clean.mean() < marked.mean():
        raise BadData("inverted")


def _groups(raw: Floats, approved: Floats) -> NDArray[np.int64]:
    rows = np.nan_to_num(np.column_stack([raw, approved]), nan=-1.0)
    _unique, inverse = np.unique(rows, axis=0, return_inverse=True)
    return np.asarray(inverse, dtype=np.int64).ravel()
