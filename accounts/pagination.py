"""Keyset pages for the API and the site."""

import re
from typing import Any, ClassVar

from django.db.models import QuerySet
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
from accounts.keyset import (
    MAX_CURSOR_LENGTH,
    InvalidCursor,
    Page,
    Row,
    SortOrder,
    by_index,
    keyset_page,
)

# Rows of a page, unless a page or a program asks for another number.
PAGE_ROWS = 25
MAX_PAGE_ROWS = 100


def site_page(
    rows: QuerySet[Row],
    request: HttpRequest,
    order: SortOrder,
    size: int = PAGE_ROWS,
    *,
    together: str = "",
) -> Page[Row]:
    """Return the page of a customer's rows at the cursor in the query, with URLs instead of cursors.

    An invalid cursor gives the first page. `together` as in `keyset_page`.
    """
    with by_index():
        try:
            page = keyset_page(rows, order, request.GET.get("cursor", ""), size, together=together)
        except InvalidCursor:
            page = keyset_page(rows, order, "", size, together=together)

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

    cursor = TextField(
        required=False,
        max_length=MAX_CURSOR_LENGTH,
        help_text=_("Where a page begins. Use the addresses in `next` and `previous`."),
    )
    page_size = PageSizeField(required=False, help_text=_("How many rows. More than 100 are given as 100."))


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
            with by_index():
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

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        texts = {
            "next": gettext("Address of the next page, null on the last one."),
            "previous": gettext("Address of the previous page, null on the first one."),
        }
        for name, text in texts.items():
            # The list of an example is its only page; the addresses of the framework's example lead nowhere.
            described["properties"][name] |= {"description": text, "example": None}
        return described

    def _link(self, cursor: str | None) -> str | None:
        return replace_query_param(str(self.base_url), "cursor", cursor) if cursor else None
