"""CSV downloads for people: streamed, safe in spreadsheets, and written as the reader's language does."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice

from django.http import HttpResponse, StreamingHttpResponse
from django_stubs_ext import StrOrPromise

from accounts.models import User
from accounts.throttling import Limit, take
from billing.money import decimal_separator
from predictions.scoring.cells import quoted_as_text

# Makes spreadsheets read the file as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 500
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

    Text is guarded against formulas; None is an empty cell; times are RFC 3339 in UTC; `Decimal` has the
    decimal separator of the reader's language. Where that is a comma, spreadsheets expect semicolons between
    cells. The language is read now: while the pieces are sent, the thread may have another one.
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
        writer.writerows([[_cell(value, decimal) for value in row] for row in chunk])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if header_alone := buffer.getvalue():
        yield header_alone


def _begun(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _cell(value: object, decimal: str) -> str:
    match value:
        case None:
            return ""
        case str():
            return quoted_as_text(value)
        case Decimal():
            return f"{value:f}".replace(".", decimal)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return str(value)


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
