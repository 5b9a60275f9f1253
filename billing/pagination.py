"""Keyset pagination for the API and the site. Every page takes the same time, and sort values may repeat.

A cursor holds the sort value and key of the last row, so a page is a range of an index. See docs/decisions.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from accounts.api_input import Query, TextField

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet[Any])
MAX_CURSOR_LENGTH = 100
# Rows of a page, unless a page or a program asks for another number.
PAGE_ROWS = 25
MAX_PAGE_ROWS = 100


class InvalidCursor(ValueError):
    """The text is not a cursor of this sort order."""


@dataclass(frozen=True)
class SortOrder:
    """A sort order by a non-null `column`, which may have equal values, and then by primary key.

    `parse` reads a value of the column from a cursor and raises `ValueError` or `OverflowError`. `public_key`
    is the unique UUID that identifies a row in cursors.
    """

    column: str
    descending: bool
    parse: Callable[[str], Any]
    public_key: str = "pk"

    def sorted(self, rows: Rows, *, reverse: bool = False) -> Rows:
        sign = "-" if self.descending != reverse else ""
        return rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def beyond(self, rows: Rows, value: Any, key: uuid.UUID, *, reverse: bool) -> Rows:
        """Return the rows after (value, key). The first condition is a range that an index can look up."""
        operator = "lt" if self.descending != reverse else "gt"
        row_key: Any = key
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
# The primary keys of ledger entries would reveal how many there are.
ENTRIES_NEWEST_FIRST = SortOrder("created_at", True, parse_time, public_key="public_id")
ENTRIES_OLDEST_FIRST = SortOrder("created_at", False, parse_time, public_key="public_id")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page in order, and the cursors of the next and previous pages."""

    rows: list[Row]
    next: str | None
    previous: str | None


def keyset_page(rows: QuerySet[Row], order: SortOrder, cursor: str, size: int) -> Page[Row]:
    """Return the page of `rows` at `cursor`, or the first page for "". Raises `InvalidCursor`."""
    backward, position = _parse(cursor, order) if cursor else (False, None)
    if position:
        rows = order.beyond(rows, *position, reverse=backward)
    page = list(order.sorted(rows, reverse=backward)[: size + 1])
    more, page = len(page) > size, page[:size]
    if backward:
        page.reverse()
    has_next, has_previous = (True, more) if backward else (more, position is not None)
    return Page(
        page,
        order.cursor("n", page[-1]) if page and has_next else None,
        order.cursor("p", page[0]) if page and has_previous else None,
    )


def site_page(
    rows: QuerySet[Row], request: HttpRequest, order: SortOrder, size: int = PAGE_ROWS
) -> Page[Row]:
    """Return the page at the cursor in the query, with URLs instead of cursors.

    An invalid cursor gives the first page.
    """
    try:
        page = keyset_page(rows, order, request.GET.get("cursor", ""), size)
    except InvalidCursor:
        page = keyset_page(rows, order, "", size)

    def address(cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = request.GET.copy()
        query["cursor"] = cursor
        return f"{request.path}?{query.urlencode()}"

    return Page(page.rows, address(page.next), address(page.previous))


@extend_schema_field({"type": "integer", "minimum": 1, "default": PAGE_ROWS})
class PageSizeField(serializers.Field[int, str, int, Any]):
    """A number of rows in ASCII digits."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Enter a whole number from 1.")}

    def to_internal_value(self, data: str) -> int:
        if not re.fullmatch(r"0*[1-9][0-9]{0,9}", data):
            self.fail("invalid")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


class PageQuery(Query[Row]):
    """The parameters of every list in the API. More rows than `MAX_PAGE_ROWS` are given as that many."""

    cursor = TextField(required=False, max_length=MAX_CURSOR_LENGTH)
    page_size = PageSizeField(required=False, help_text=f"at most {MAX_PAGE_ROWS} rows are given")


class KeysetPagination(CursorPagination):
    """Keyset pages as a DRF pagination class, for lists of the API whose `query` is a `PageQuery`."""

    page_size = PAGE_ROWS

    def paginate_queryset(  # type: ignore[override]  # keyset pages need a queryset
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        query = view.query_values
        size = min(query.get("page_size", PAGE_ROWS), MAX_PAGE_ROWS)
        try:
            page = keyset_page(queryset, view.sort_order, query.get("cursor", ""), size)
        except InvalidCursor as error:
            message = gettext("This is not the cursor of a page. Start again at the first page.")
            raise ValidationError({"cursor": [ErrorDetail(message, "invalid")]}) from error
        self.next_cursor, self.previous_cursor = page.next, page.previous
        self.display_page_controls = bool(page.next or page.previous) and self.template is not None
        return page.rows

    def get_next_link(self) -> str | None:
        return self._link(self.next_cursor)

    def get_previous_link(self) -> str | None:
        return self._link(self.previous_cursor)

    def _link(self, cursor: str | None) -> str | None:
        return replace_query_param(str(self.base_url), "cursor", cursor) if cursor else None


def _parse(cursor: str, order: SortOrder) -> tuple[bool, tuple[Any, uuid.UUID]]:
    """Return whether the page is before the position, and the position: a value and a key."""
    key, separator, value = cursor[1:].partition("~")
    if cursor[:1] not in ("n", "p") or not separator or len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursor(cursor)
    try:
        return cursor[0] == "p", (order.parse(value), uuid.UUID(key))
    except (ValueError, OverflowError) as error:
        raise InvalidCursor(cursor) from error
