"""Cursor pages for API and site: as fast on page 10,000 as on the first."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


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
                    # The ends of the calendar have no time in other zones.
                    value.astimezone(UTC)
            except (ValidationError, OverflowError) as error:
                raise NotFound(self.invalid_cursor_message) from error
        return cursor


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-pk")


class OldestFirst(CursorPages):
    """As on paper; whole pages, for they are printed."""

    page_size = 100
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
