"""CSV downloads for people: streamed, safe in spreadsheets, and written as the reader's language does."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from types import NoneType
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django_stubs_ext import StrOrPromise

from accounts.models import User
from accounts.throttling import Limit, take
from billing.money import decimal_separator
from predictions.scoring.cells import quoted_as_text

# Makes spreadsheets read the file as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 500
# The writer itself knows these: as `str` writes them, and None as an empty cell.
_WRITTEN = {int, UUID, NoneType}
# A long export occupies a thread of the web server for seconds.
EXPORTS = Limit("exports", 10, 60)


def csv_response(
    user: User, name: str, header: Sequence[StrOrPromise], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return a download named `name`, streamed from `rows`.

    Raises `TooManyAttempts`, and what the first `CHUNK` rows raise: a file that has begun can only break off.
    """
    take(EXPORTS, str(user.pk))
    pieces = csv_chunks(header, rows)
    return StreamingHttpResponse(_begun(next(pieces), pieces), headers=_headers(name))


def csv_attachment(
    name: str, header: Sequence[StrOrPromise], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A short table: sent whole, and as often as asked for."""
    return HttpResponse("".join(csv_chunks(header, rows)), headers=_headers(name))


def csv_chunks(header: Sequence[StrOrPromise], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The table as pieces of one CSV file, `CHUNK` rows each, the first one with the header.

    Text is guarded against formulas; None is an empty cell; times are RFC 3339 in UTC; `Decimal` and `float`
    have the decimal separator of the reader's language. Where that is a comma, spreadsheets expect semicolons
    between cells. The language is read now: while the pieces are sent, the thread may have another one.
    """
    decimal = decimal_separator()
    delimiter = ";" if decimal == "," else ","
    # The headings of pages have no-break spaces, which nobody finds in a spreadsheet.
    plain = [str(text).replace("\u00a0", " ") for text in header]
    return _chunks(plain, rows, delimiter, decimal)


def _chunks(
    header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str, decimal: str
) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(header)
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        texts = _Texts(decimal)
        # By column, because the values of one are all written in the same way.
        writer.writerows(zip(*map(texts.of_column, zip(*chunk, strict=True)), strict=True))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if header_alone := buffer.getvalue():
        yield header_alone


def _begun(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


class _Texts:
    """How values are written, in the rows of one piece of the file."""

    def __init__(self, decimal: str) -> None:
        self._decimal = decimal
        self._writers: dict[type, Callable[[Any], str]] = {
            str: _Once(quoted_as_text).__getitem__,
            float: _Once(self._of_float).__getitem__,
            # Not once: equal ones can have other digits, like 1.0 and 1.00.
            Decimal: self._of_decimal,
            datetime: _of_time,
        }

    def of_column(self, values: Sequence[object]) -> Sequence[object]:
        """Return the values as the writer takes them: None, or what it writes as `str` does."""
        kinds = set(map(type, values)) - _WRITTEN
        if not kinds:
            return values
        writers = {kind: self._writer_of(kind) for kind in kinds}
        return [writers[type(value)](value) if type(value) in kinds else value for value in values]

    def _writer_of(self, kind: type) -> Callable[[Any], str]:
        return next((self._writers[base] for base in kind.__mro__ if base in self._writers), str)

    def _of_decimal(self, value: Decimal) -> str:
        text = str(value)
        return (f"{value:f}" if "E" in text else text).replace(".", self._decimal)

    def _of_float(self, value: float) -> str:
        # Adding zero turns -0.0 into 0.0.
        text = repr(value + 0.0)
        return (f"{Decimal(text):f}" if "e" in text else text).replace(".", self._decimal)


class _Once(dict[Any, str]):
    """Texts of values, each written once: most of them come again and again in a table."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self._write = write

    def __missing__(self, value: Any) -> str:
        text = self[value] = self._write(value)
        return text


def _of_time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
