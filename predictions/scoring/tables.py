"""Tables of applicants in text files as people save them: finds the delimiter, the header and the rows."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from number_input import SPACES
from predictions.scoring.lines import Lines, UnusableFile
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD, gettext_noop

_ = gettext_noop

DELIMITERS = (",", ";", "\t")
# Lines of a row with quoted line breaks. What is longer has a quotation mark that is not closed.
MAX_ROW_LINES = 1_000

# Columns of a file of applicants; it may have others.
NEEDED = tuple(name for name in FIELD_NAMES if name != SHARE_FIELD)

# Programs that save the file again fill this line up with separators.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)


@dataclass(frozen=True)
class Shape:
    """What the rows of a table have in common.

    `header` is as it is in the file. `mark` tells whether the file begins with a byte order mark, `sheet`
    whether it is a workbook, in which rows are numbered and not lines.
    """

    delimiter: str
    header: tuple[str, ...]
    mark: bool = False
    sheet: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The plain names of the columns."""
        return tuple(map(_plain, self.header))

    def to_dict(self) -> dict[str, Any]:
        return {
            "delimiter": self.delimiter,
            "header": list(self.header),
            "mark": self.mark,
            "sheet": self.sheet,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Shape":
        """The inverse of `to_dict`."""
        return cls(**{**content, "header": tuple(content["header"])})

    def check(self, reserved: Sequence[str] = (), needed: Sequence[str] = NEEDED) -> None:
        """Raise `UnusableFile` for a missing or repeated column, and for one of `reserved`."""
        names = self.names
        missing = [name for name in needed if name not in names]
        repeated = sorted({name for name in names if name and names.count(name) > 1})
        taken = [name for name in reserved if name in names]
        for code, wrong, message in (
            ("missing_columns", missing, _("missing columns: %(names)s")),
            ("repeated_columns", repeated, _("columns that appear twice: %(names)s")),
            ("reserved_columns", taken, _("columns that would be overwritten: %(names)s")),
        ):
            if wrong:
                raise UnusableFile(code, message, names=", ".join(wrong))


@dataclass(frozen=True)
class Row:
    """One row: its cells, and the lines that it takes, with their ends.

    `cells` is None if a quotation mark is not closed.
    """

    cells: list[str] | None
    lines: list[str]


def read_header(lines: Lines, names: Sequence[str] = FIELD_NAMES) -> tuple[str, list[str]]:
    """Return the delimiter and the header. The delimiter is the one that finds most of `names`.

    Raises `UnusableFile`.
    """
    line = _first_line(lines)
    if not line:
        raise UnusableFile("empty", _("the file is empty"))
    delimiters: Sequence[str] = DELIMITERS
    if separator := _SEPARATOR_LINE.fullmatch(line.rstrip(SPACES.replace("\t", ""))):
        if separator[1] not in DELIMITERS:
            message = _("line %(line)s: the separator must be a comma, a semicolon or a tab")
            raise UnusableFile("separator", message, line=lines.number)
        # Only first among them: the file may have been saved again with another separator.
        delimiters, line = (separator[1], *DELIMITERS), _first_line(lines)
        if not line:
            raise UnusableFile("no_header", _("the header is missing"))
    found = {}
    for delimiter in delimiters:
        cells, more = _parse(lines, line, delimiter)
        lines.put_back(more)
        if cells:
            found[delimiter] = cells, more
    if not found:
        message = _("line %(line)s: the header has an unclosed quotation mark")
        raise UnusableFile("header_quote", message, line=lines.number)
    delimiter = max(found, key=lambda delimiter: len({*map(_plain, found[delimiter][0])} & {*names}))
    header, more = found[delimiter]
    for _line in more:
        lines.read()
    return delimiter, header


def read_row(lines: Lines, delimiter: str, width: int) -> Row | None:
    """Return the next row; None at the end of the file.

    A row whose quotation marks are not closed is one line: the lines after it are read as rows of their own,
    so none of them is lost.
    """
    line = lines.read()
    if not line:
        return None
    if '"' not in line:
        return Row(line.rstrip("\r\n").split(delimiter), [line])
    cells, more = _parse(lines, line, delimiter, width)
    if cells is not None and (not more or len(cells) == width):
        return Row(cells, [line, *more])
    lines.put_back(more)
    return Row(None, [line])


def _first_line(lines: Lines) -> str:
    """Return the next line that has more than spaces and separators; "" if there is none."""
    line = lines.read()
    while line and not line.strip(SPACES + "".join(DELIMITERS)):
        line = lines.read()
    return line


def _plain(name: str) -> str:
    """Return the name of a column without surrounding spaces and quotes, in lower case."""
    return name.strip(SPACES + "\ufeff\"'").lower()


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
