"""Lists of the admin that stay fast at any number of rows: keyset pages, no counts, searches by index."""

import uuid
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.keyset import InvalidCursor, SortOrder, keyset_page
from accounts.models import User


class KeysetChangeList(ChangeList):
    """Pages by cursor. The totals that Django shows are those of the page, and its template shows none."""

    model_admin: "LargeListAdmin"

    def get_results(self, request: HttpRequest) -> None:
        cursor = request.GET.get(PAGE_VAR, "")
        try:
            page = keyset_page(self.queryset, self.model_admin.sort_order, cursor, self.list_per_page)
        except InvalidCursor as error:
            raise IncorrectLookupParameters from error
        prefetch_related_objects(page.rows, *self.model_admin.list_prefetch_related)
        self.next, self.previous = self._address(page.next), self._address(page.previous)
        self.result_list = page.rows
        self.result_count = self.full_result_count = len(page.rows)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = True

    def _address(self, cursor: str | None) -> str | None:
        return self.get_query_string({PAGE_VAR: cursor}) if cursor else None


class LargeListAdmin(admin.ModelAdmin[Any]):
    """Each list has one `sort_order`, and finds by `found` what was searched for.

    Related rows are read afterwards, for the rows of the page: for a join, SQLite reads whole tables.
    """

    sort_order: SortOrder
    list_prefetch_related: tuple[str, ...] = ()
    list_select_related = ()
    change_list_template = "admin/large_change_list.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    list_per_page = 50
    # Makes Django show the search.
    search_fields = ("pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(self.found(term)) if term else self.of_everyone(queryset)), False

    @admin.display(description=_("customer"))
    def customer(self, row: Any) -> str:
        return link_to(row.user)

    def of_everyone(self, rows: Any) -> QuerySet[Any]:
        """Return the rows as they are listed without a search."""
        listed: QuerySet[Any] = rows
        return listed

    def found(self, term: str) -> Q:
        """Return the condition of the rows that `term` means: values of indexed columns, never joins."""
        raise NotImplementedError


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """An admin page without add, change and delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def link_to(row: Model) -> str:
    """Return a link to the row's page in the admin."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row)


def user_ids(term: str) -> list[uuid.UUID]:
    """Return the keys of the users with this username or email, ignoring case."""
    same = Q(Exact(Lower("username"), term.lower())) | Q(Exact(Lower("email"), term.lower()))
    return list(User.objects.filter(same).order_by().values_list("pk", flat=True))


def ids_in(term: str) -> list[uuid.UUID]:
    """Return the UUID that the text is, or nothing."""
    try:
        return [uuid.UUID(term)]
    except ValueError:
        return []
