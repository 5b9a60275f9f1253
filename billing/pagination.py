"""Keyset pages for API and site: page 10,000 costs as much as the first, and equal values are no trouble.

A cursor names the last row by its sort value and key, so a page is a range of an index. See docs/decisions.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet[Any])
MAX_CURSOR_LENGTH = 100


class InvalidCursor(ValueError):
    """Not a cursor of this order."""


@dataclass(frozen=True)
class SortOrder:
    """By a column without nulls that need not be unique; the primary key decides between equal values.

    `parse` reads a value out of a cursor and raises `ValueError` or `OverflowError`. `public_key` is the
    unique UUID by which cursors name a row.
    """

    column: str
    descending: bool
    parse: Callable[[str], Any]
    public_key: str = "pk"

    def sorted(self, rows: Rows, *, reverse: bool = False) -> Rows:
        sign = "-" if self.descending != reverse else ""
        return rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def beyond(self, rows: Rows, value: Any, key: uuid.UUID, *, reverse: bool) -> Rows:
        """What comes after (value, key); the first condition is the range that an index can look up."""
        way = "lt" if self.descending != reverse else "gt"
        place: Any = key
        if self.public_key != "pk":
            place = rows.model._default_manager.filter(**{self.public_key: key}).values("pk")
        ties = Q(**{f"{self.column}__{way}": value}) | Q(**{f"pk__{way}": place})
        return rows.filter(Q(**{f"{self.column}__{way}e": value}) & ties)

    def cursor(self, way: str, row: Model) -> str:
        value = getattr(row, self.column)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return f"{way}{getattr(row, self.public_key)}~{text}"


def parse_time(text: str) -> datetime:
    """In UTC, because databases know fewer dates than a link can hold."""
    return datetime.fromisoformat(text).astimezone(UTC)


NEWEST_FIRST = SortOrder("created_at", True, parse_time)
# The keys of ledger entries count them, which is nobody's business.
ENTRIES_NEWEST_FIRST = SortOrder("created_at", True, parse_time, public_key="public_id")
ENTRIES_OLDEST_FIRST = SortOrder("created_at", False, parse_time, public_key="public_id")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page in their order, and the cursors of its neighbors."""

    rows: list[Row]
    next: str | None
    previous: str | None


def keyset_page(rows: QuerySet[Row], order: SortOrder, cursor: str, size: int) -> Page[Row]:
    """The page of `rows` at `cursor`, or the first one for "". Raises `InvalidCursor`."""
    back, place = _parse(cursor, order) if cursor else (False, None)
    if place:
        rows = order.beyond(rows, *place, reverse=back)
    found = list(order.sorted(rows, reverse=back)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    after, before = (True, more) if back else (more, place is not None)
    return Page(
        found,
        order.cursor("n", found[-1]) if found and after else None,
        order.cursor("p", found[0]) if found and before else None,
    )


def site_page(rows: QuerySet[Row], request: HttpRequest, order: SortOrder, size: int = 25) -> Page[Row]:
    """As `keyset_page` for the cursor in the query, with addresses in place of cursors.

    An invalid cursor starts at the first page.
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


class KeysetPagination(CursorPagination):
    """The pages of the API's lists, in DRF's terms."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(  # type: ignore[override]  # keysets walk tables, never sequences
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request) or self.page_size
        try:
            page = keyset_page(queryset, view.sort_order, request.query_params.get("cursor", ""), size)
        except InvalidCursor as error:
            raise NotFound(self.invalid_cursor_message) from error
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
    """Whether the page lies before the place, and the place: a value and a key."""
    key, separator, value = cursor[1:].partition("~")
    if cursor[:1] not in ("n", "p") or not separator or len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursor(cursor)
    try:
        return cursor[0] == "p", (order.parse(value), uuid.UUID(key))
    except (ValueError, OverflowError) as error:
        raise InvalidCursor(cursor) from error
