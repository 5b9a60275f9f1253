"""Tables as CSV files that spreadsheets open without harm."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

# So that spreadsheets read the file as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 500


def quoted_as_text(cell: str) -> str:
    """The cell, with a leading apostrophe where a spreadsheet would run it as a formula; numbers stay.

    OWASP, "CSV Injection".
    """
    if not cell.startswith(RISKY_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The table as pieces of one CSV file, `CHUNK` rows each; None is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
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
        writer.writerows([["" if c is None else quoted_as_text(str(c)) for c in row] for row in chunk])
