"""Keyset pages: every page of a list takes the same time, and sort values may repeat.

A cursor holds the sort value and key of the last row, so a page is a range of an index. See docs/decisions.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet[Any])
MAX_CURSOR_LENGTH = 100
# The most rows by which a page is longer, so that neighbors stay together.
MAX_MORE = 10
# Rows that `every_row` reads by one statement: some tens of milliseconds.
CHUNK_ROWS = 2000


class InvalidCursor(ValueError):
    """The text is not a cursor of this sort order."""


@dataclass(frozen=True)
class SortOrder:
    """A sort order by a non-null `column`, which may have equal values, and then by primary key.

    `parse` reads a value of the column from a cursor and raises `ValueError` or `OverflowError`. `public_key`
    is the unique UUID, or what `parse_key` reads, that identifies a row in cursors.
    """

    column: str
    descending: bool
    parse: Callable[[str], Any]
    public_key: str = "pk"
    parse_key: Callable[[str], Any] = uuid.UUID

    def sorted(self, rows: Rows, *, reverse: bool = False) -> Rows:
        sign = "-" if self.descending != reverse else ""
        return rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def beyond(self, rows: Rows, value: Any, key: Any, *, reverse: bool) -> Rows:
        """Return the rows after (value, key). The first condition is a range that an index can look up."""
        operator = "lt" if self.descending != reverse else "gt"
        row_key = key
        if self.public_key != "pk":
            row_key = rows.model._default_manager.filter(**{self.public_key: key}).values("pk")
        ties = Q(**{f"{self.column}__{operator}": value}) | Q(**{f"pk__{operator}": row_key})
        return rows.filter(Q(**{f"{self.column}__{operator}e": value}) & ties)

    def cursor(self, direction: str, row: Model) -> str:
        """Return the cursor of the page after ("n") or before ("p") `row`."""
        value = getattr(row, self.column)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return f"{direction}{getattr(row, self.public_key)}~{text}"


def parse_time(text: str) -> datetime:
    """Parse an ISO time into UTC. Raises `ValueError`, or `OverflowError` if UTC has no such date."""
    return datetime.fromisoformat(text).astimezone(UTC)


NEWEST_FIRST = SortOrder("created_at", True, parse_time)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page in order, and the cursors of the next and previous pages."""

    rows: list[Row]
    next: str | None
    previous: str | None


def keyset_page(
    rows: QuerySet[Row], order: SortOrder, cursor: str, size: int, *, together: str = ""
) -> Page[Row]:
    """Return the page of `rows` at `cursor`, or the first page for "". Raises `InvalidCursor`.

    Neighbors with the same value in the column `together` are on one page, which is longer for them.
    """
    backward, position = _parse(cursor, order) if cursor else (False, None)
    if position:
        rows = order.beyond(rows, *position, reverse=backward)
    read = list(order.sorted(rows, reverse=backward)[: size + 1 + (MAX_MORE if together else 0)])
    end = _end(read, size, together)
    more, page = len(read) > end, read[:end]
    if backward:
        page.reverse()
    has_next, has_previous = (True, more) if backward else (more, position is not None)
    return Page(
        page,
        order.cursor("n", page[-1]) if page and has_next else None,
        order.cursor("p", page[0]) if page and has_previous else None,
    )


# What `by_index` switches off in PostgreSQL.
OFF = {"enable_sort": "off", "jit": "off", "max_parallel_workers_per_gather": "0"}


@contextmanager
def by_index() -> Iterator[None]:
    """Have PostgreSQL read rows in the order of an index, for lists whose filters and order one index has.

    If it takes the rows of a customer for few, it reads and sorts all of them; if for many, it may read the
    table, compile the statement, or start processes that help. It counted them by the last ANALYZE; there may
    be 100,000 more since.
    """
    if connection.vendor != "postgresql":
        yield
        return
    inside = connection.in_atomic_block
    # Until the end of the transaction, so that no other statement of the connection is affected.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {'; SET LOCAL '.join(f'{name} TO {off}' for name, off in OFF.items())}")
        yield
        if inside:
            cursor.execute(f"SET LOCAL {'; SET LOCAL '.join(f'{name} TO DEFAULT' for name in OFF)}")


def every_row(rows: QuerySet[Any], order: SortOrder, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield the `columns` of all rows in order, by short statements of `CHUNK_ROWS` rows each, by index.

    No row comes twice. One that is added, or whose sort value changes, in the meantime may be left out.
    """
    by_key = replace(order, public_key="pk")
    fetched = list(dict.fromkeys((*columns, order.column, "pk")))
    value, key = fetched.index(order.column), fetched.index("pk")
    remaining = rows
    while True:
        with by_index():
            chunk = list(by_key.sorted(remaining).values_list(*fetched)[:CHUNK_ROWS])
        for row in chunk:
            yield row[: len(columns)]
        if len(chunk) < CHUNK_ROWS:
            return
        remaining = by_key.beyond(rows, chunk[-1][value], chunk[-1][key], reverse=False)


def _end(read: list[Row], size: int, together: str) -> int:
    """Return how many of the rows are on the page: `size`, and the neighbors of its last row."""
    end = min(size, len(read))
    shared = getattr(read[end - 1], together) if together and read else None
    while shared is not None and end < len(read) and getattr(read[end], together) == shared:
        end += 1
    return end


def _parse(cursor: str, order: SortOrder) -> tuple[bool, tuple[Any, Any]]:
    """Return whether the page is before the position, and the position: a value and a key."""
    key, separator, value = cursor[1:].partition("~")
    if cursor[:1] not in ("n", "p") or not separator or len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursor(cursor)
    try:
        return cursor[0] == "p", (order.parse(value), order.parse_key(key))
    except (ValueError, OverflowError) as error:
        raise InvalidCursor(cursor) from error
