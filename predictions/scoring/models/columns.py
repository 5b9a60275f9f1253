"""The columns of a model, which turn applicants into a matrix by field name.

A raw matrix is float64 of shape (n, columns): numbers in their own units, NaN if unknown, choices as
their position in `Column.choices`. An artifact stores the columns that it was trained with, so new fields,
new choices or another order in the schema do not affect it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.parsing import FieldProblem, InvalidApplicant
from predictions.scoring.schema import SHARE_FIELD, Applicant, ChoiceField, Field, Value, gettext_noop

_ = gettext_noop

Floats = NDArray[np.float64]
_NAN = float("nan")


@dataclass(frozen=True)
class Column:
    """One field of the schema at the time of training. A number has no `choices`."""

    name: str
    choices: tuple[str, ...] = ()
    nullable: bool = False
    integer: bool = False

    @property
    def kind(self) -> str:
        return "choice" if self.choices else "number"

    @property
    def codes(self) -> dict[Value, float]:
        """The number of each choice in a raw matrix."""
        return {value: float(code) for code, value in enumerate(self.choices)}

    def knows(self, value: Value) -> bool:
        return value in self.choices if self.choices else self.nullable or value is not None


class Columns:
    """The columns of a raw matrix, in order. Raises `ValueError` if a name is repeated or missing."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.all = tuple(columns)
        self.index: dict[str, int] = {column.name: index for index, column in enumerate(columns)}
        self.free_names: tuple[str, ...] = tuple(name for name in self.index if name != SHARE_FIELD)
        if len(self.index) != len(columns):
            raise ValueError("a field is repeated")
        try:
            self._amount, self._income = self.index["loan_amnt"], self.index["person_income"]
            self._share = self.index[SHARE_FIELD]
        except KeyError as error:
            raise ValueError(f"the field {error} is missing") from None
        self._readers = tuple(
            (column.name, column.codes, column.nullable or column.name == SHARE_FIELD) for column in columns
        )

    @classmethod
    def of(cls, fields: Sequence[Field]) -> "Columns":
        """Return the columns of the schema `fields`."""
        return cls(
            [
                Column(field.name, choices=field.values)
                if isinstance(field, ChoiceField)
                else Column(field.name, nullable=field.nullable, integer=field.integer)
                for field in fields
            ]
        )

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Columns":
        """The inverse of `to_dict`. Raises `KeyError`, `TypeError` or `ValueError`."""
        return cls([_column(**field) for field in content["fields"]])

    def to_dict(self) -> dict[str, Any]:
        return {
            "fields": [
                {"name": column.name, "kind": column.kind, "choices": list(column.choices)}
                if column.choices
                else {
                    "name": column.name,
                    "kind": column.kind,
                    "nullable": column.nullable,
                    "integer": column.integer,
                }
                for column in self.all
            ]
        }

    def __getitem__(self, name: str) -> Column:
        return self.all[self.index[name]]

    def supports(self, other: "Columns") -> bool:
        """Return whether every applicant that passes the check of `other` passes that of these columns."""
        return all(
            column.name in other.index
            and set(column.choices) >= set(other[column.name].choices)
            and column.nullable >= other[column.name].nullable
            for column in self.all
        )

    def check(self, applicant: Applicant) -> None:
        """Raise `InvalidApplicant` with each field whose value the model was not trained on."""
        problems = [
            FieldProblem(
                column.name,
                "not_supported_by_model",
                _("This model was not trained on this value. Choose another model."),
                {},
            )
            for column in self.all
            if column.name != SHARE_FIELD and not column.knows(applicant[column.name])
        ]
        if problems:
            raise InvalidApplicant(problems)

    def to_raw(self, applicants: Sequence[Applicant]) -> Floats:
        """Return the raw matrix of `applicants`. The share is always recomputed.

        Raises `ValueError` with the row number (from 0) if a field is missing or its value is not usable.
        """
        rows = []
        for number, applicant in enumerate(applicants):
            try:
                rows.append(self._row(applicant))
            except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
                raise ValueError(f"applicant {number}: no usable value ({error})") from None
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.all))

    def of_other(self, other: "Columns", raw: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return a raw matrix of `other` columns with these, and which rows have values that are known here.

        The share is not recomputed. Raises `KeyError` if `other` lacks a column.
        """
        matrix = raw.take([other.index[column.name] for column in self.all], axis=1)
        for column, values in zip(self.all, matrix.T, strict=True):
            theirs = other[column.name].choices
            if column.choices != theirs:
                codes = np.array([column.codes.get(choice, _NAN) for choice in theirs])
                valid = (values >= 0) & (values < len(codes))
                values[:] = np.where(valid, codes[np.where(valid, values, 0).astype(np.intp)], _NAN)
        must_know = [not column.nullable and column.name != SHARE_FIELD for column in self.all]
        return matrix, np.asarray(~np.isnan(matrix[:, must_know]).any(axis=1))

    def with_share(self, raw: Floats) -> Floats:
        """Set the share column of `raw` to amount / income, in place, and return `raw`.

        Raises `ValueError` if an income is not positive.
        """
        if not (raw[:, self._income] > 0).all():
            raise ValueError("person_income must be above 0")
        np.divide(raw[:, self._amount], raw[:, self._income], out=raw[:, self._share])
        return raw

    def _row(self, applicant: Applicant) -> list[float]:
        """Return one row. A single expression, because it takes half the time of scoring one row."""
        row = [
            codes[applicant[name]]
            if codes
            else float(value)  # type: ignore[arg-type]  # raises for an unknown value that must be known
            if (value := applicant[name]) is not None or not nullable
            else _NAN
            for name, codes, nullable in self._readers
        ]
        if row[self._income] <= 0:
            raise ValueError("person_income must be above 0")
        row[self._share] = row[self._amount] / row[self._income]
        return row


def _column(
    *, name: str, kind: str, choices: Sequence[str] = (), nullable: bool = False, integer: bool = False
) -> Column:
    column = Column(name, tuple(choices), nullable, integer)
    if column.kind != kind or len(set(choices)) != len(choices):
        raise ValueError(f"{name} is not a {kind}")
    return column
