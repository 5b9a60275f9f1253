"""The files that come out of a block: its rows with their probabilities, and its errors."""

import csv
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, groupby
from math import isnan

import numpy as np

from predictions.scoring.cells import probability_cells, quoted_as_text, quoted_rows
from predictions.scoring.checks import Checked
from predictions.scoring.models.protocol import Floats
from predictions.scoring.problems import RowProblem, Say, in_english, row_text
from predictions.scoring.reasons import MAX_REASONS
from predictions.scoring.schema import gettext_noop
from predictions.scoring.tables import Shape

_ = gettext_noop

OUTPUT_COLUMNS = ("approval_probability", "default_probability", "error")
# Follows if the customer has a decision policy.
DECISION_COLUMN = "decision"
REASON_COLUMNS = tuple(f"reason_{number}" for number in range(1, MAX_REASONS + 1))
ERROR_COLUMNS = ("line", "field", "code", "message")
_END = "\r\n"
# What a row says that is valid and has no probability.
NOT_SCORED = _("line %(line)s: this row could not be scored")


def results_header(shape: Shape, *, with_decisions: bool = False, with_reasons: bool = False) -> bytes:
    """Return the first line of the results, after a byte order mark if the file of the customer has one."""
    columns = [*map(quoted_as_text, shape.header), *OUTPUT_COLUMNS]
    if with_decisions:
        columns.append(DECISION_COLUMN)
    if with_reasons:
        columns += REASON_COLUMNS
    return _mark(shape) + "".join(_written([columns], shape.delimiter)).encode()


def results(
    checked: Checked,
    approval: Floats,
    reasons: Sequence[Sequence[str]] | None = None,
    say: Say = in_english,
    decide: Callable[[float], str] | None = None,
) -> bytes:
    """Return the rows of the customer with `OUTPUT_COLUMNS`, and `REASON_COLUMNS` if there are `reasons`.

    `approval` and `reasons` have one element for each good row; one that is NaN could not be scored. `say`
    makes the texts of the column `error`. `decide` makes those of `DECISION_COLUMN` from the probabilities.
    """
    delimiter, good = checked.block.shape.delimiter, checked.good.tolist()
    shares = np.full(len(good), np.nan)
    shares[checked.good] = approval
    scores = probability_cells(shares, delimiter)
    _tell(scores, checked, np.flatnonzero(np.isnan(shares)).tolist(), say)
    ends = [_END] * len(good) if reasons is None else _ends(reasons, good, delimiter)
    if decide:
        decisions = ("" if isnan(share) else decide(share) for share in shares.tolist())
        ends = [f"{delimiter}{decision}{end}" for decision, end in zip(decisions, ends, strict=True)]
    # Three texts for each row, joined at once.
    parts = [""] * (3 * len(good))
    parts[0::3], parts[1::3], parts[2::3] = _own(checked), scores, ends
    if not checked.kept.all():
        parts = list(compress(parts, np.repeat(checked.kept, 3).tolist()))
    return "".join(parts).encode()


def _tell(scores: list[str], checked: Checked, unscored: Iterable[int], say: Say) -> None:
    """Write the errors of the rows without a result, and the warnings, into `scores`."""
    delimiter, numbers = checked.block.shape.delimiter, checked.rows.numbers
    told = _told(checked, say)
    for index in unscored:
        line = numbers[index]
        error = told.pop(line, "") or say(NOT_SCORED, {"line": str(line)})
        scores[index] = delimiter * 3 + _cell(error, delimiter)
    # What remains are warnings, of rows that have a result.
    for line, warning in told.items():
        scores[bisect_left(numbers, line)] += _cell(warning, delimiter)


def _ends(reasons: Sequence[Sequence[str]], good: Sequence[bool], delimiter: str) -> list[str]:
    """Return the last cells of each row: the codes of the good ones, and a line end."""
    none = delimiter * len(REASON_COLUMNS) + _END
    texts: dict[tuple[str, ...], str] = {(): none}
    for codes in set(map(tuple, reasons)):
        texts[codes] = "".join(delimiter + code for code in codes) + none[len(codes) :]
    following = iter(reasons)
    return [texts[tuple(next(following))] if is_good else none for is_good in good]


def errors_header(shape: Shape) -> bytes:
    """Return the first line of the errors, after the byte order mark of the customer's file."""
    return _mark(shape) + "".join(_written([ERROR_COLUMNS], shape.delimiter)).encode()


def errors(problems: Iterable[RowProblem], shape: Shape, say: Say = in_english) -> bytes:
    """Return a row for each problem, with the delimiter of the customer's file. `say` makes the messages."""
    rows = ((str(found.line), found.field, found.code, found.text(say)) for found in problems)
    return "".join(_written(rows, shape.delimiter)).encode()


def _told(checked: Checked, say: Say) -> dict[int, str]:
    """Return the text of each row that has an error or a warning, by its line."""
    told = {}
    for found in (checked.problems, checked.warnings):
        for line, problems in groupby(found, key=lambda problem: problem.line):
            told[line] = row_text(problems, say)
    return told


def _own(checked: Checked) -> list[str]:
    """Return the rows of the customer, without line ends. Cells that a spreadsheet would run become text."""
    delimiter = checked.block.shape.delimiter
    if checked.rows.grid:
        return quoted_rows(checked.rows.grid.texts(), delimiter)
    columns = (map(quoted_as_text, column) for column in checked.rows.columns)
    return [row[: -len(_END)] for row in _written(zip(*columns, strict=True), delimiter)]


def _written(rows: Iterable[Sequence[str]], delimiter: str) -> list[str]:
    """Return the rows as the csv module writes them, with line ends."""
    parts = _Parts()
    csv.writer(parts, delimiter=delimiter, lineterminator=_END).writerows(rows)
    return parts


class _Parts(list[str]):
    """A list that is written to like a file."""

    write = list.append


def _cell(text: str, delimiter: str) -> str:
    return _written([(text, "")], delimiter)[0].removesuffix(delimiter + _END)


def _mark(shape: Shape) -> bytes:
    return b"\xef\xbb\xbf" if shape.mark else b""
