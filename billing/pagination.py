"""Cursor pages for API and site: as fast on page 10,000 as on the first."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

Rows = TypeVar("Rows", bound=QuerySet[Any])


class CursorPages(CursorPagination):
    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering: Any = "-pk"

    def paginate_queryset(  # type: ignore[override]  # cursors walk tables, never sequences
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any] | None:
        self.model: type[Model] = queryset.model
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A position that the field cannot hold is a bad cursor, not a fault of the server."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            name = self.ordering[0].lstrip("-")
            field = self.model._meta.pk if name == "pk" else self.model._meta.get_field(name)
            try:
                value = field.to_python(cursor.position)  # type: ignore[union-attr]
                if isinstance(value, datetime):
                    # Written anew: databases know less of dates than what can be written in a link. The
                    # ends of the calendar have no time in other zones.
                    return cursor._replace(position=value.astimezone(UTC).isoformat())  # type: ignore[arg-type]  # a text
            except (ValidationError, ValueError, OverflowError) as error:
                raise NotFound(self.invalid_cursor_message) from error
        return cursor


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-pk")


class OldestFirst(CursorPages):
    """As on paper; whole pages, for they are printed."""

    page_size = 50
    ordering = ("created_at", "pk")


def page_of(queryset: QuerySet[Any], request: HttpRequest, pages: CursorPages) -> dict[str, Any]:
    """Template context of one page: rows and links. A bad cursor starts over at the newest."""
    try:
        rows = pages.paginate_queryset(queryset, Request(request))
    except NotFound:
        without = request.GET.copy()
        without.pop("cursor", None)
        request.GET = without  # type: ignore[assignment]
        rows = pages.paginate_queryset(queryset, Request(request))
    return {"rows": rows, "next": pages.get_next_link(), "previous": pages.get_previous_link()}


@dataclass(frozen=True)
class SortOrder:
    """By a column without nulls that need not be unique; the key decides between equal values."""

    column: str
    descending: bool
    # What `str()` or `isoformat()` wrote into a link. Raises `ValueError` or `OverflowError`.
    parse: Callable[[str], Any]

    def sorted(self, rows: Rows, *, reverse: bool = False) -> Rows:
        sign = "-" if self.descending != reverse else ""
        return rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def beyond(self, rows: Rows, value: Any, key: uuid.UUID, *, reverse: bool) -> Rows:
        """What comes after (value, key); the first condition is the range that an index can look up."""
        way = "lt" if self.descending != reverse else "gt"
        ties = Q(**{f"{self.column}__{way}": value}) | Q(**{f"pk__{way}": key})
        return rows.filter(Q(**{f"{self.column}__{way}e": value}) & ties)


@dataclass(frozen=True)
class KeyPage:
    """The keys of one page in their order, and the addresses of its neighbours."""

    keys: list[uuid.UUID]
    next: str | None
    previous: str | None


def page_of_keys(rows: QuerySet[Any], request: HttpRequest, order: SortOrder, size: int = 25) -> KeyPage:
    """One page in any order, in one query of `order.column` and the key alone.

    An index that has what `rows` filters by answers it without reading a row. Unlike the cursors of
    the API it knows no limit of equal values. A bad cursor starts over.
    """
    back, place = _place(request.GET.get("cursor", ""), order)
    if place:
        rows = order.beyond(rows, *place, reverse=back)
    found = list(order.sorted(rows, reverse=back).values_list(order.column, "pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()

    def link(way: str, place: tuple[Any, uuid.UUID]) -> str:
        value = place[0].isoformat() if isinstance(place[0], datetime) else str(place[0])
        query = request.GET.copy()
        query["cursor"] = f"{way}{place[1].hex}{value}"
        return f"{request.path}?{query.urlencode()}"

    after, before = (True, more) if back else (more, bool(place))
    return KeyPage(
        [key for _value, key in found],
        link("n", found[-1]) if found and after else None,
        link("p", found[0]) if found and before else None,
    )


def _place(cursor: str, order: SortOrder) -> tuple[bool, tuple[Any, uuid.UUID] | None]:
    """Whether the page lies before the place, and the place: a value and a key."""
    match = re.fullmatch(r"([np])([0-9a-f]{32})(.{1,40})", cursor)
    if match is None:
        return False, None
    try:
        return match[1] == "p", (order.parse(match[3]), uuid.UUID(match[2]))
    except (ValueError, OverflowError):
        return False, None
