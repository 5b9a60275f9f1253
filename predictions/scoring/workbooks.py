"""Reads the first sheet of an Excel workbook as a table of texts: those that somebody would type."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

import openpyxl

from predictions.scoring.blocks import BLOCK_CHARACTERS, Block
from predictions.scoring.lines import UnusableFile
from predictions.scoring.schema import FIELDS_BY_NAME, NumberField, gettext_noop
from predictions.scoring.tables import Shape
from predictions.scoring.workbook_limits import check_archive, damaged

_ = gettext_noop

START = b"PK\3\4"
DELIMITER = ","
# Columns that are looked at, and rows before the header.
MAX_COLUMNS = 1_000
MAX_FIRST_ROWS = 100
# The rows of the largest sheet, and the characters of the longest cell, in Excel.
MAX_ROWS = 1_048_576
MAX_CELL = 32_767
# As many as Excel shows: 0.1 + 0.2 is 0.3 there.
DIGITS = 15


class WorkbookSource:
    """A `sources.Source` of a workbook. Formulas have the values that were stored with them."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises `UnusableFile`."""
        check_archive(file)
        try:
            # The first one that has cells; some have only a chart.
            self._sheet: Any = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
            # What a file says of its size may be wrong.
            self._sheet.reset_dimensions()
            self._first, header = self._header()
        except UnusableFile:
            raise
        except Exception as error:
            raise damaged() from error
        # Spreadsheets recognize UTF-8 by the mark.
        self.shape = Shape(DELIMITER, tuple(header), mark=True, sheet=True)

    def blocks(self, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
        """Yield the rows in order, about as many `characters` at a time."""
        text, first = io.StringIO(newline=""), self._first
        writer = csv.writer(text, delimiter=DELIMITER)
        for number, cells in enumerate(self._rows(), self._first):
            writer.writerow(cells)
            if text.tell() >= characters:
                yield Block(self.shape, first, text.getvalue().encode())
                first = number + 1
                text.seek(0)
                text.truncate()
        if text.tell():
            yield Block(self.shape, first, text.getvalue().encode())

    def _header(self) -> tuple[int, list[str]]:
        """Return the number of the first row after the header, and the header without its empty end."""
        rows = self._sheet.iter_rows(max_row=MAX_FIRST_ROWS, max_col=MAX_COLUMNS)
        for number, cells in enumerate(rows, 2):
            texts = [_text(cell, percent=False) for cell in cells]
            while texts and not texts[-1].strip():
                del texts[-1]
            if texts:
                return number, texts
        raise UnusableFile("empty", _("the first sheet of the workbook is empty"))

    def _rows(self) -> Iterator[list[str]]:
        """Yield the cells of each row, also of those that are empty, and one more if a row is too long."""
        percent = [*map(_is_percent, self.shape.names), False]
        width = len(self.shape.header)
        try:
            rows: Iterable[Any] = self._sheet.iter_rows(min_row=self._first, max_col=width + 1)
            for number, cells in enumerate(rows, self._first):
                if number > MAX_ROWS:
                    raise damaged()
                texts = list(map(_text, cells, percent))
                yield texts if texts[-1] else texts[:width]
        except UnusableFile:
            raise
        except Exception as error:
            raise damaged() from error


def _is_percent(name: str) -> bool:
    field = FIELDS_BY_NAME.get(name)
    return isinstance(field, NumberField) and field.unit.startswith("%")


def _text(cell: Any, percent: bool) -> str:
    """Return the text of a cell. In a column of percentages, a cell may be shown as 10.5% and hold 0.105."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) > MAX_CELL:
            raise damaged()
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if percent and "%" in cell.number_format:
            return _number(value * 100) + "%"
        return _number(value)
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    return str(value)


def _number(value: int | float) -> str:
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() else f"{Decimal(f'{value:.{DIGITS}g}'):f}"
