"""Blocks of whole rows, which are read, checked and scored independently of each other."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from number_input import SPACES
from predictions.scoring.grids import Grid
from predictions.scoring.lines import Lines, split_lines
from predictions.scoring.problems import RowProblem
from predictions.scoring.schema import gettext_noop
from predictions.scoring.tables import Shape, read_row

_ = gettext_noop

# Enough rows to make the cost of a block small, few enough for many workers: about 25,000 of a usual file.
BLOCK_CHARACTERS = 1_600_000


@dataclass(frozen=True)
class Block:
    """Rows that follow each other in a file, as UTF-8.

    `first` is the number of the first line (see `Shape.sheet`), `content` the lines with their ends. A block
    that is made again from these has the same rows.
    """

    shape: Shape
    first: int
    content: bytes


@dataclass(frozen=True)
class Rows:
    """The rows of a block, each with as many cells as the header.

    `numbers` are their first lines. `damaged` has the problem of each row, by its index, whose cells are not
    reliable. If no row has quotes, the cells are in `grid`; else in `parsed`, by columns.
    """

    numbers: Sequence[int]
    damaged: dict[int, RowProblem]
    grid: Grid | None
    parsed: Sequence[Sequence[str]] = ()

    @cached_property
    def columns(self) -> Sequence[Sequence[str]]:
        """All cells, which takes longer than to find what they mean in the grid."""
        return self.parsed if self.grid is None else self.grid.columns()

    def cells(self, index: int) -> list[str]:
        """Return the cells of a row."""
        if self.grid is None:
            return [column[index] for column in self.parsed]
        return self.grid.row(index)


def read_rows(block: Block) -> Rows:
    """Return all rows of a block, also those without any value."""
    if b'"' not in block.content:
        return _unquoted(block)
    text = block.content.decode()
    lines = split_lines(text)
    if cells := parse_lines(lines, block.shape):
        return _padded(block.shape, range(block.first, block.first + len(cells)), cells)
    return _one_by_one(block, text)


def parse_lines(lines: Sequence[str], shape: Shape) -> list[list[str]] | None:
    """Return the cells of each line; None if some row takes several lines, or has an unclosed quote.

    In a sheet, which has been written by a program, rows may take several lines.
    """
    try:
        rows = list(csv.reader(lines, delimiter=shape.delimiter, strict=True))
    except csv.Error:
        return None
    return rows if shape.sheet or len(rows) == len(lines) else None


def _unquoted(block: Block) -> Rows:
    delimiter, width = block.shape.delimiter, len(block.shape.header)
    lines = block.content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not lines.endswith(b"\n"):
        lines += b"\n" if lines else b""
    damaged: dict[int, RowProblem] = {}
    if (grid := Grid.of(lines, delimiter, width)) is None:
        lines = _ragged(block, lines.decode().split("\n")[:-1], damaged).encode()
        grid = Grid.of(lines, delimiter, width)
        assert grid is not None  # All rows have the same width now.
    count = grid.starts.shape[1]
    return Rows(range(block.first, block.first + count), damaged, grid)


def _ragged(block: Block, texts: list[str], damaged: dict[int, RowProblem]) -> str:
    """Return the rows with the width of the header; those that had another one are noted in `damaged`."""
    delimiter, width = block.shape.delimiter, len(block.shape.header)
    for index, line in enumerate(texts):
        if line.count(delimiter) != width - 1:
            cells, problem = _fitted(line.split(delimiter), width, block.first + index)
            texts[index] = delimiter.join(cells)
            if problem:
                damaged[index] = problem
    return "".join(text + "\n" for text in texts)


def _one_by_one(block: Block, text: str) -> Rows:
    """Read the rows as `read_row` does, which knows how to go on after damage."""
    lines = Lines(io.StringIO(text, newline=""), block.first - 1)
    delimiter, width = block.shape.delimiter, len(block.shape.header)
    numbers: list[int] = []
    rows: list[list[str]] = []
    damaged: dict[int, RowProblem] = {}
    number = lines.number + 1
    while row := read_row(lines, delimiter, width):
        cells = row.cells
        if cells is None:
            cells = row.lines[0].rstrip("\r\n").split(delimiter)
            message = _("a quotation mark in line %(line)s is not closed properly")
            damaged[len(rows)] = RowProblem(number, "", "quote", message, {"line": str(number)})
        rows.append(cells)
        numbers.append(number)
        number = lines.number + 1
    return _padded(block.shape, numbers, rows, damaged)


def _padded(
    shape: Shape,
    numbers: Sequence[int],
    rows: list[list[str]],
    damaged: dict[int, RowProblem] | None = None,
) -> Rows:
    width, damaged = len(shape.header), damaged or {}
    for index, cells in enumerate(rows):
        if len(cells) != width:
            rows[index], problem = _fitted(cells, width, numbers[index])
            if problem:
                damaged.setdefault(index, problem)
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    return Rows(numbers, damaged, None, columns)


def _fitted(cells: list[str], width: int, number: int) -> tuple[list[str], RowProblem | None]:
    """Return the cells with the width of the header, and the problem. A row without values has none."""
    fitted = [*cells[:width], *[""] * (width - len(cells))]
    if not any(cell.strip(SPACES) for cell in cells):
        return fitted, None
    message = _("%(found)s cells instead of %(expected)s")
    return fitted, RowProblem(number, "", "cells", message, {"found": len(cells), "expected": width})
