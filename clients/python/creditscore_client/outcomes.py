"""Outcomes: what became of the loans."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from uuid import UUID

from creditscore_client.records import OutcomeResult, ReportedOutcomes
from creditscore_client.transport import Request, Transport

# What one request takes.
MAX_ROWS = 100_000
# What the loan is called, what became of it, and on which day that was known.
Row = tuple[UUID | str | int, OutcomeResult, date]


def send_outcomes(transport: Transport, path: str, column: str, rows: Iterable[Row]) -> ReportedOutcomes:
    """Send the rows in as many requests as they need; lines of errors are those of all rows, from 2."""
    total, remaining = ReportedOutcomes(), iter(rows)
    while some := list(islice(remaining, MAX_ROWS)):
        body = _table(column, some)
        request = Request(
            "POST",
            path,
            headers={"Content-Type": "text/csv; charset=utf-8", "Content-Length": str(len(body))},
            open_body=lambda body=body: io.BytesIO(body),  # type: ignore[misc]
            repeatable=True,
        )
        total = total.plus(transport.send(request).body)
    return total


def _table(column: str, rows: list[Row]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([(column, "outcome", "observed_on"), *_cells(rows)])
    return buffer.getvalue().encode()


def _cells(rows: list[Row]) -> Iterator[tuple[str, str, str]]:
    return ((str(name), result, day.isoformat()) for name, result, day in rows)
