"""Cuts a block into smaller ones."""

import csv
import io
from collections.abc import Iterator, Sequence

from predictions.scoring.blocks import Block, Rows, parse_lines
from predictions.scoring.lines import split_lines


def cut(block: Block, rows: Rows, size: int) -> Iterator[tuple[slice, Block]]:
    """Yield blocks of at most `size` rows that follow each other, with where they are in `rows`.

    `rows` are those of the block. Each is read from its part as it is read from the block.
    """
    lines = split_lines(block.content.decode())
    # In a sheet, rows are numbered, and one may take several lines.
    cells = parse_lines(lines, block.shape) if block.shape.sheet else None
    for start in range(0, len(rows.numbers), size):
        part = slice(start, start + size)
        if cells is not None:
            text = _written(cells[part], block.shape.delimiter)
        else:
            following = rows.numbers[start + size :]
            first = rows.numbers[start] - block.first
            end = following[0] - block.first if following else len(lines)
            text = "".join(lines[first:end])
        yield part, Block(block.shape, rows.numbers[start], text.encode())


def _written(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()
