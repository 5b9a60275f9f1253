"""The cells of rows without quotes as places in their bytes, so that whole columns are read without texts.

Cells of up to eight bytes are one whole number each, its first byte the lowest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Flags: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]
Words: TypeAlias = NDArray[np.uint64]

WORD = 8
# The longest text that is compared in words.
MAX_COMPARED = 3 * WORD
_LINE_END = ord("\n")
# By the number of bytes that a word has of a cell, all bits of these.
_BYTES = np.array([(1 << 8 * count) - 1 for count in range(WORD + 1)], np.uint64)
_ZEROS, _HIGH, _SIXES = 0x3030303030303030, 0xF0F0F0F0F0F0F0F0, 0x0606060606060606


@dataclass(frozen=True)
class Grid:
    """Cells in UTF-8. `starts` and `ends` have the shape (columns, rows)."""

    content: bytes
    delimiter: str
    starts: Places
    ends: Places

    @classmethod
    def of(cls, lines: bytes, delimiter: str, width: int) -> "Grid | None":
        """Return the cells of lines that end with LF; None if one has not `width` cells."""
        data = np.frombuffer(lines, np.uint8)
        ends = np.flatnonzero((data == ord(delimiter)) | (data == _LINE_END))
        if len(ends) % width:
            return None
        is_line = (data[ends] == _LINE_END).reshape(-1, width)
        if not is_line[:, -1].all() or is_line[:, :-1].any():
            return None
        starts = np.zeros_like(ends)
        starts[1:] = ends[:-1] + 1
        columns = (np.ascontiguousarray(places.reshape(-1, width).T) for places in (starts, ends))
        # A word may begin in the last cell.
        return cls(lines + bytes(MAX_COMPARED), delimiter, *columns)

    def texts(self) -> list[str]:
        """Return the rows, without line ends."""
        return self.content[:-MAX_COMPARED].decode().split("\n")[:-1]

    def columns(self) -> list[list[str]]:
        """Return the texts of all cells."""
        width = len(self.starts)
        cells = self.delimiter.join(self.texts()).split(self.delimiter) if self.starts.size else []
        return [cells[column::width] for column in range(width)]

    def cells(self, column: int, rows: Places) -> list[str]:
        """Return the texts of some cells of a column."""
        starts, ends = self.starts[column, rows].tolist(), self.ends[column, rows].tolist()
        return [self.content[start:end].decode() for start, end in zip(starts, ends, strict=True)]

    def row(self, index: int) -> list[str]:
        """Return the texts of a row."""
        places = zip(self.starts[:, index].tolist(), self.ends[:, index].tolist(), strict=True)
        return [self.content[start:end].decode() for start, end in places]

    def places_of(self, column: int, texts: Iterable[str]) -> Places:
        """Return for each cell of a column the place of its text in `texts`, -1 if it is none of them."""
        wanted = [text.encode() for text in texts]
        sizes = self.ends[column] - self.starts[column]
        found = np.full(len(sizes), -1)
        words = [self._words(column, first) for first in range(0, max(map(len, wanted)), WORD)]
        for place, text in enumerate(wanted):
            equal = sizes == len(text)
            for number, word in enumerate(words):
                equal &= word == int.from_bytes(text[number * WORD : (number + 1) * WORD], "little")
            found[equal] = place
        return found

    def numbers(self, column: int) -> Floats:
        """Return the numbers in a column that are written as whole ones, or with one or two decimals.

        They have no spaces, signs or leading zeros, and eight characters at most. NaN for other cells.
        """
        sizes = self.ends[column] - self.starts[column]
        return _numbers(self._words(column, 0), np.where(sizes <= WORD, sizes, 0))

    def _words(self, column: int, first: int) -> Words:
        """Return eight bytes of each cell of a column, from the `first` one; zeros behind its end."""
        content, starts = self.content, self.starts[column] + first
        everywhere = np.ndarray((len(content) - WORD + 1,), "<u8", content, strides=(1,))
        sizes = np.clip(self.ends[column] - starts, 0, WORD)
        return np.asarray(everywhere[starts] & _BYTES[sizes], np.uint64)


def _numbers(words: Words, sizes: Places) -> Floats:
    """Return the numbers that are written in `words` of `sizes` bytes, NaN where there is no clear one."""
    size = sizes.astype(np.uint64)
    digits, decimals = words, np.zeros_like(size)
    for count in (1, 2):
        before = np.where(size > count + 1, size - np.uint64(count + 1), np.uint64(0))
        point = (before > 0) & ((words >> 8 * before) & 0xFF == ord("."))
        joined = (words & _BYTES[before]) | ((words >> 8) & ~_BYTES[before])
        digits, decimals = np.where(point, joined, digits), np.where(point, np.uint64(count), decimals)
    size = size - (decimals > 0)
    clear = (digits & _HIGH) == (_ZEROS & _BYTES[size])
    clear &= ((digits + _SIXES) & _HIGH) == (_ZEROS & _BYTES[size])
    clear &= (size > 0) & (((words & 0xFF) != ord("0")) | (size - decimals == 1))
    # Eight digits with zeros before them, added up in three steps: pairs, fours, all.
    value = (digits & 0x0F0F0F0F0F0F0F0F) << 8 * (WORD - np.where(clear, size, np.uint64(WORD)))
    value = value * 10 + (value >> 8)
    upper, lower = value & 0x000000FF000000FF, (value >> 16) & 0x000000FF000000FF
    value = (upper * 0x000F424000000064 + lower * 0x0000271000000001) >> 32
    # Both numbers are exact, so their quotient is the nearest one to the text, as `float` gives it.
    return np.where(clear, value / np.array([1.0, 10.0, 100.0])[decimals], np.nan)
