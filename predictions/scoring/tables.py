"""Reads CSV files of applicants as people save them: finds the delimiter, numbers the rows."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from number_input import SPACES
from predictions.scoring.lines import Lines, UnusableFile
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD

DELIMITERS = (",", ";", "\t")
# Lines of a row with quoted line breaks. What is longer has a quotation mark that is not closed.
MAX_ROW_LINES = 1_000
# How many skipped lines are named.
MAX_NAMED = 10

# Programs that save the file again fill this line up with separators.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One row with the number of its first line. If `error` is set, its cells are not reliable."""

    line: int
    cells: list[str]
    error: str = ""


class Table:
    """The rows of `file`, with its own `header`, the plain `names` of its columns, and its `delimiter`.

    `mark` tells whether the file begins with a byte order mark. Raises `UnusableFile`, also in `rows`: for a
    missing or repeated column, and for one of `reserved`.
    """

    def __init__(self, file: BinaryIO, reserved: Sequence[str] = ()) -> None:
        self._lines = Lines(file)
        self.mark = self._lines.mark
        self.delimiter, self.header = _header(self._lines)
        self.names = [_plain(name) for name in self.header]
        _check_names(self.names, reserved)
        self.skipped = 0
        self.skipped_lines: list[int] = []

    def rows(self) -> Iterator[Row]:
        """Yield the rows in order. Those without any value are left out and counted in `skipped`."""
        while row := _row(self._lines, self.delimiter, len(self.header)):
            if any(cell.strip(SPACES) for cell in row.cells):
                yield row
                continue
            self.skipped += 1
            if len(self.skipped_lines) < MAX_NAMED:
                self.skipped_lines.append(row.line)


def _header(lines: Lines) -> tuple[str, list[str]]:
    """Return the delimiter and the header. The delimiter is the one that finds most fields."""
    line = _first_line(lines)
    if not line:
        raise UnusableFile("the file is empty")
    delimiters: Sequence[str] = DELIMITERS
    if separator := _SEPARATOR_LINE.fullmatch(line.rstrip(SPACES.replace("\t", ""))):
        if separator[1] not in DELIMITERS:
            raise UnusableFile(f"line {lines.number}: the separator must be a comma, a semicolon or a tab")
        # Only first among them: the file may have been saved again with another separator.
        delimiters, line = (separator[1], *DELIMITERS), _first_line(lines)
        if not line:
            raise UnusableFile("the header is missing")
    found = {}
    for delimiter in delimiters:
        cells, more = _parse(lines, line, delimiter)
        lines.put_back(more)
        if cells:
            found[delimiter] = cells, more
    if not found:
        raise UnusableFile(f"line {lines.number}: the header has an unclosed quotation mark")
    delimiter = max(found, key=lambda delimiter: len({*map(_plain, found[delimiter][0])} & {*FIELD_NAMES}))
    header, more = found[delimiter]
    for _line in more:
        lines.read()
    return delimiter, header


def _first_line(lines: Lines) -> str:
    """Return the next line that has more than spaces and separators; "" if there is none."""
    line = lines.read()
    while line and not line.strip(SPACES + "".join(DELIMITERS)):
        line = lines.read()
    return line


def _plain(name: str) -> str:
    """Return the name of a column without surrounding spaces and quotes, in lower case."""
    return name.strip(SPACES + "\ufeff\"'").lower()


def _check_names(names: Sequence[str], reserved: Sequence[str]) -> None:
    if missing := [name for name in FIELD_NAMES if name not in names and name != SHARE_FIELD]:
        raise UnusableFile(f"missing columns: {', '.join(missing)}")
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        raise UnusableFile(f"columns that appear twice: {', '.join(repeated)}")
    if taken := [name for name in reserved if name in names]:
        raise UnusableFile(f"columns that would be overwritten: {', '.join(taken)}")


def _row(lines: Lines, delimiter: str, width: int) -> Row | None:
    """Return the next row; None at the end of the file.

    A row whose quotation marks are not closed has an error and is one line: the lines after it are read as
    rows of their own, so none of them is lost.
    """
    line = lines.read()
    if not line:
        return None
    number = lines.number
    if '"' not in line:
        return _checked(Row(number, line.rstrip("\r\n").split(delimiter)), width)
    cells, more = _parse(lines, line, delimiter, width)
    if cells is not None and (not more or len(cells) == width):
        return _checked(Row(number, cells), width)
    lines.put_back(more)
    broken = line.rstrip("\r\n").split(delimiter)
    return Row(number, broken, f"a quotation mark in line {number} is not closed properly")


def _checked(row: Row, width: int) -> Row:
    if len(row.cells) == width:
        return row
    return Row(row.line, row.cells, f"{len(row.cells)} cells instead of {width}")


def _parse(
    lines: Lines, first: str, delimiter: str, width: int | None = None
) -> tuple[list[str] | None, list[str]]:
    """Return the cells of the row that begins with the line `first`, and the further lines that it takes.

    None instead of cells if a quotation mark is not closed, which is also said of a row that takes in whole
    rows of `width` cells.
    """
    more: list[str] = []

    def row_lines() -> Iterator[str]:
        whole = int(_is_whole(first, delimiter, width))
        yield first
        while len(more) < MAX_ROW_LINES and (line := lines.read()):
            more.append(line)
            whole += _is_whole(line, delimiter, width)
            if whole > 1:
                return
            yield line

    try:
        return next(csv.reader(row_lines(), delimiter=delimiter, strict=True), None), more
    except csv.Error:
        return None, more


def _is_whole(line: str, delimiter: str, width: int | None) -> bool:
    """Whether the line has the cells of a row. A row with quoted line breaks has at most one such line."""
    return width is not None and line.count(delimiter) >= width - 1
