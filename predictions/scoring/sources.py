"""Reads files of applicants of any size, block by block."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from predictions.scoring.blocks import BLOCK_CHARACTERS, Block, parse_lines
from predictions.scoring.lines import Lines, split_lines
from predictions.scoring.schema import FIELD_NAMES
from predictions.scoring.tables import Shape, read_header, read_row
from predictions.scoring.workbooks import START, WorkbookSource


class Source(Protocol):
    """A file of applicants. `blocks` can be read once. Raises `UnusableFile` there too."""

    shape: Shape

    def blocks(self, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
        """Yield the rows in order, about as many `characters` at a time. No row is in two blocks."""


def open_source(file: BinaryIO, reserved: Sequence[str] = ()) -> Source:
    """Return the applicants of a seekable file: text, or an Excel workbook.

    Raises `UnusableFile`, also for a column named as one of `reserved`.
    """
    source: Source = WorkbookSource(file) if is_workbook(file) else TextSource(file)
    source.shape.check(reserved)
    return source


def is_workbook(file: BinaryIO) -> bool:
    """Return whether a seekable file is an Excel workbook, or another archive."""
    start = file.read(len(START))
    file.seek(0)
    return start == START


class TextSource:
    """A `Source` of a text file. `names` are columns that are looked for in the header."""

    def __init__(self, file: BinaryIO, names: Sequence[str] = FIELD_NAMES) -> None:
        self._lines, mark = Lines.of_file(file)
        delimiter, header = read_header(self._lines, names)
        self.shape = Shape(delimiter, tuple(header), mark)

    def blocks(self, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
        first = self._lines.number + 1
        while text := self._whole_rows(characters):
            yield Block(self.shape, first, text.encode())
            first = self._lines.number + 1

    def _whole_rows(self, characters: int) -> str:
        """Return the lines of the next block; "" at the end of the file."""
        text = self._lines.read_many(characters)
        if '"' not in text:
            return text
        lines = split_lines(text)
        if parse_lines(lines, self.shape) is not None:
            return text
        # A row may go on behind the last line, so the rows are read one by one.
        self._lines.put_back(lines)
        end, taken = self._lines.number + len(lines), []
        delimiter, width = self.shape.delimiter, len(self.shape.header)
        while self._lines.number < end and (row := read_row(self._lines, delimiter, width)):
            taken += row.lines
        return "".join(taken)
