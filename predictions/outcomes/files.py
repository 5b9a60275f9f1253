"""Reads files of outcomes: CSV with the columns id, outcome and observed_on, in any order, among others."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.utils.translation import gettext_noop as _

from number_input import SPACES
from predictions.models import Result
from predictions.scoring.blocks import Block, read_rows
from predictions.scoring.problems import RowProblem
from predictions.scoring.sources import TextSource

COLUMNS = ("id", "outcome", "observed_on")
# Names a row of a file of applicants, if its own IDs do not.
LINE = "line"
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DOTTED = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_DAY = _("Enter a day like 2027-01-31 or 31.01.2027.")
_RESULT = _("Enter one of: %(choices)s.")
_RESULTS = frozenset(Result.values)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line of the file says of `name`: an ID, or a line of a file of applicants."""

    line: int
    name: str
    result: str
    observed_on: date


class OutcomeFile:
    """A file of outcomes. `by_line`: its rows are named by the line of a file of applicants.

    Raises `UnusableFile`, also in `parts`.
    """

    def __init__(self, file: BinaryIO, *, may_name_lines: bool = False) -> None:
        self._source = TextSource(file, (*COLUMNS, LINE))
        names = self._source.shape.names
        self.by_line = may_name_lines and COLUMNS[0] not in names and LINE in names
        self.key = LINE if self.by_line else COLUMNS[0]
        needed = (self.key, *COLUMNS[1:])
        self._source.shape.check(needed=needed)
        self._places = [names.index(name) for name in needed]
        self._days: dict[str, date | None] = {}

    def parts(self) -> Iterator[tuple[list[Entry], list[RowProblem]]]:
        """Yield the entries in order with the problems of other rows, in parts. Empty rows are left out."""
        for block in self._source.blocks():
            yield self._read(block)

    def _read(self, block: Block) -> tuple[list[Entry], list[RowProblem]]:
        rows = read_rows(block)
        names, results, days = (rows.columns[place] for place in self._places)
        entries, problems = [], []
        for index, (line, name, result, day) in enumerate(
            zip(rows.numbers, names, results, days, strict=True)
        ):
            if index in rows.damaged:
                problems.append(rows.damaged[index])
                continue
            name, result, day = name.strip(SPACES), result.strip(SPACES).lower(), day.strip(SPACES)
            observed = self._day(day)
            if name and observed and result in _RESULTS:
                entries.append(Entry(line, name, result, observed))
            elif name or result or day or any(column[index].strip(SPACES) for column in rows.columns):
                problems += self._problems(line, name, result, observed)
        return entries, problems

    def _problems(self, line: int, name: str, result: str, observed: date | None) -> Iterator[RowProblem]:
        if not name:
            yield RowProblem(line, self.key, "required", _("This cell is empty."), {})
        if result not in _RESULTS:
            yield RowProblem(
                line, "outcome", "invalid_choice", _RESULT, {"choices": ", ".join(Result.values)}
            )
        if observed is None:
            yield RowProblem(line, "observed_on", "invalid", _DAY, {})

    def _day(self, text: str) -> date | None:
        # A file has few different days.
        if text not in self._days:
            if len(self._days) > 10_000:
                self._days.clear()
            self._days[text] = day_in(text)
        return self._days[text]


def day_in(text: str) -> date | None:
    """Return the day that a cell is: as `iso_day`, or with dots, which is day first in every language."""
    match = _DOTTED.fullmatch(text)
    return iso_day("-".join(match.groups()[::-1]) if match else text)


def iso_day(text: str) -> date | None:
    """Return the day in `YYYY-MM-DD`; None for anything else."""
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def template() -> bytes:
    """Return a file to fill in: the columns, with one row as an example."""
    buffer = io.StringIO()
    example = ("63dd27b3-fd35-4650-bfc6-f2d0c4a2a8d4", Result.REPAID.value, "2027-01-31")
    csv.writer(buffer).writerows([COLUMNS, example])
    return buffer.getvalue().encode()
