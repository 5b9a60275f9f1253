"""What the engine reads from a file, row by row."""

from dataclasses import dataclass

from predictions.scoring.blocks import read_rows
from predictions.scoring.sources import Source


@dataclass(frozen=True)
class ReadRow:
    line: int
    cells: list[str]
    error: str


def rows_of_source(source: Source) -> list[ReadRow]:
    """The rows of all blocks, each padded or cut to the width of the header."""
    found = []
    for block in source.blocks():
        rows = read_rows(block)
        for index, number in enumerate(rows.numbers):
            damage = rows.damaged.get(index)
            cells = [column[index] for column in rows.columns]
            found.append(ReadRow(number, cells, damage.text() if damage else ""))
    return found
