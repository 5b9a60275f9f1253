"""Checks the rows of a block by columns.

The rules are those of `parsing` alone; `cell_values` tells what cells mean. Rows that break a rule, also one
between fields, are read again by `parsing.parse_cells`, which knows the messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from number_input import SPACES
from predictions.scoring.blocks import Block, Rows, read_rows
from predictions.scoring.cell_values import values
from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.parsing import (
    CLEARLY_WITHIN,
    FieldProblem,
    InvalidApplicant,
    parse_cells,
)
from predictions.scoring.problems import RowProblem
from predictions.scoring.schema import (
    FIELD_NAMES,
    FIELDS,
    FIELDS_BY_NAME,
    SHARE_FIELD,
    Applicant,
    NumberField,
    gettext_noop,
    number_field,
)

_ = gettext_noop

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Checked:
    """The rows of a block.

    `kept` tells which of `rows` have any value, `good` which of them are valid; `raw` is the raw matrix of
    the good rows, with the columns of the model. `problems` are those of the bad rows, `warnings` those of
    the good rows whose share was recomputed, both in order. `outside` tells which good rows have a value
    outside the range of the training data.
    """

    block: Block
    rows: Rows
    kept: Flags
    good: Flags
    raw: Floats
    problems: list[RowProblem]
    warnings: list[RowProblem]
    outside: Flags

    @property
    def count(self) -> int:
        """The number of rows that have any value, good and bad."""
        return int(self.kept.sum())

    @property
    def bad(self) -> int:
        return self.count - len(self.raw)

    @property
    def good_lines(self) -> list[int]:
        """The line of each row of `raw`."""
        return list(compress(self.rows.numbers, self.good))

    @property
    def skipped(self) -> list[int]:
        """The lines of the rows without any value."""
        return list(compress(self.rows.numbers, ~self.kept))

    def cells(self, index: int) -> list[str]:
        """Return the cells of a row, by its index in `rows`."""
        return self.rows.cells(index)


def check(block: Block, columns: Columns, recompute: bool = False) -> Checked:
    """Check the rows for a model with `columns`.

    With `recompute`, a share that contradicts amount and income is not an error: it is recomputed.
    """
    rows = read_rows(block)
    raw = _values(block.shape.names, rows)
    bad = _breaks_a_rule(raw)
    bad[list(rows.damaged)] = True
    _matrix, known = columns.of_other(LIVE, raw)
    scalar = _RowByRow(block.shape.names, rows, columns, recompute)
    for index in np.flatnonzero(bad | ~known).tolist():
        applicant = scalar.read(index)
        bad[index] = applicant is None
        if applicant is not None:
            raw[index] = LIVE.to_raw([applicant])[0]
    kept = np.ones(len(raw), dtype=bool)
    kept[scalar.empty] = False
    good_raw = LIVE.with_share(raw[~bad])
    return Checked(
        block=block,
        rows=rows,
        kept=kept,
        good=~bad,
        raw=columns.of_other(LIVE, good_raw)[0],
        problems=scalar.problems,
        warnings=scalar.warnings,
        outside=_outside(good_raw),
    )


class _RowByRow:
    """Reads rows by the rules and messages of `parsing`, and collects what is wrong with them."""

    def __init__(self, names: Sequence[str], rows: Rows, columns: Columns, recompute: bool) -> None:
        self._rows, self._columns, self._recompute = rows, columns, recompute
        self._fields = {name: names.index(name) for name in FIELD_NAMES if name in names}
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self.empty: list[int] = []

    def read(self, index: int) -> Applicant | None:
        """Return the applicant of a row; None if there is none, which is then in `problems` or `empty`."""
        if damage := self._rows.damaged.get(index):
            self.problems.append(damage)
            return None
        row = self._rows.cells(index)
        cells = {name: row[column] for name, column in self._fields.items()}
        try:
            return self._applicant(cells, index)
        except InvalidApplicant as error:
            if not any(cell.strip(SPACES) for cell in row):
                self.empty.append(index)
                return None
            self.problems += (RowProblem.of(self._rows.numbers[index], found) for found in error.problems)
            return None

    def _applicant(self, cells: Mapping[str, str], index: int) -> Applicant:
        try:
            applicant = parse_cells(cells)
        except InvalidApplicant as error:
            if not self._recompute or any(problem.code != "contradiction" for problem in error.problems):
                raise
            applicant = parse_cells({name: cell for name, cell in cells.items() if name != SHARE_FIELD})
            self._columns.check(applicant)
            self.warnings += (_recomputed(self._rows.numbers[index], found) for found in error.problems)
            return applicant
        self._columns.check(applicant)
        return applicant


def _recomputed(line: int, problem: FieldProblem) -> RowProblem:
    message = _("Warning: calculated from amount and income, which give %(share)s instead of %(given)s.")
    return RowProblem(line, problem.field, "recomputed", message, problem.params)


def _values(names: Sequence[str], rows: Rows) -> Floats:
    """Return the raw matrix of all rows, with `BAD` where a cell is not valid, and the share as given."""
    raw = np.full((len(rows.numbers), len(LIVE.all)), np.nan)
    for name in FIELD_NAMES:
        if name in names:
            raw[:, LIVE.index[name]] = values(FIELDS_BY_NAME[name], rows, names.index(name))
    return raw


def _breaks_a_rule(raw: Floats) -> Flags:
    """Return which rows may be invalid: all that are, and some near the edge of what a share may be."""
    bad: Flags = np.asarray(np.isinf(raw).any(axis=1))
    ages, shares = raw[:, LIVE.index["person_age"]], raw[:, LIVE.index[SHARE_FIELD]]
    for field in FIELDS:
        if isinstance(field, NumberField) and field.not_over_age:
            bad |= raw[:, LIVE.index[field.name]] > ages
    with np.errstate(invalid="ignore", divide="ignore"):
        exact = raw[:, LIVE.index["loan_amnt"]] / raw[:, LIVE.index["person_income"]]
        bad |= exact > number_field(SHARE_FIELD).maximum
        bad |= ~np.isnan(shares) & ~(np.abs(shares - exact) < CLEARLY_WITHIN)
    return bad


def _outside(raw: Floats) -> Flags:
    outside = np.zeros(len(raw), dtype=bool)
    for field in FIELDS:
        if isinstance(field, NumberField):
            values = raw[:, LIVE.index[field.name]]
            outside |= (values < field.trained_from) | (values > field.trained_to)
    return outside
