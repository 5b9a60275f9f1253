"""CSV downloads that are streamed and safe to open in spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.http import HttpResponse, StreamingHttpResponse

from accounts.models import User
from accounts.throttling import Limit, take
from predictions.scoring.files import quoted_as_text

# Makes spreadsheets read the file as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 500
# A long export occupies a thread of the web server for seconds.
EXPORTS = Limit("exports", 10, 60)


def csv_response(
    user: User, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return a download named `name`, streamed from `rows`. Raises `TooManyAttempts`."""
    take(EXPORTS, str(user.pk))
    return StreamingHttpResponse(csv_chunks(header, rows), headers=_headers(name))


def csv_attachment(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A short table for programs: sent whole, without a byte order mark, and as often as asked for."""
    content = "".join(csv_chunks(header, rows, byte_order_mark=False))
    return HttpResponse(content, headers=_headers(name))


def csv_chunks(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, byte_order_mark: bool = True
) -> Iterator[str]:
    """The table as pieces of one CSV file, `CHUNK` rows each; None is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if byte_order_mark:
        buffer.write(BYTE_ORDER_MARK)
    writer.writerow(header)
    rows = iter(rows)
    while True:
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        chunk = list(islice(rows, CHUNK))
        if not chunk:
            return
        writer.writerows(
            [["" if cell is None else quoted_as_text(str(cell)) for cell in row] for row in chunk]
        )


def utc_text(at: datetime | None) -> str | None:
    """Return the time in UTC as RFC 3339, like the API; None for None."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
