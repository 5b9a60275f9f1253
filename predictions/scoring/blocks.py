"""Blocks of whole rows, which are read, checked and scored independently of each other."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from number_input import SPACES
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
    """The rows of a block by columns, each with as many cells as the header.

    `numbers` are their first lines. `damaged` has the problem of each row, by its index, whose cells are not
    reliable. `texts` are the rows as they are in the file, without line ends; None if some have quotes.
    """

    numbers: Sequence[int]
    columns: Sequence[Sequence[str]]
    damaged: dict[int, RowProblem]
    texts: Sequence[str] | None = None


def read_rows(block: Block) -> Rows:
    """Return all rows of a block, also those without any value."""
    text = block.content.decode()
    if '"' not in text:
        return _unquoted(block, text)
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


def _unquoted(block: Block, text: str) -> Rows:
    delimiter, width = block.shape.delimiter, len(block.shape.header)
    texts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not texts[-1]:
        del texts[-1]
    numbers = range(block.first, block.first + len(texts))
    damaged = {}
    for index, line in enumerate(texts):
        if line.count(delimiter) != width - 1:
            cells, problem = _fitted(line.split(delimiter), width, numbers[index])
            texts[index] = delimiter.join(cells)
            if problem:
                damaged[index] = problem
    cells = delimiter.join(texts).split(delimiter) if texts else []
    return Rows(numbers, [cells[column::width] for column in range(width)], damaged, texts)


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
    return Rows(numbers, columns, damaged)


def _fitted(cells: list[str], width: int, number: int) -> tuple[list[str], RowProblem | None]:
    """Return the cells with the width of the header, and the problem. A row without values has none."""
    fitted = [*cells[:width], *[""] * (width - len(cells))]
    if not any(cell.strip(SPACES) for cell in cells):
        return fitted, None
    message = _("%(found)s cells instead of %(expected)s")
    return fitted, RowProblem(number, "", "cells", message, {"found": len(cells), "expected": width})
