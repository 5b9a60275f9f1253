"""The admin page of what customers' decision policies were, and when."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.admin_lists import LargeListAdmin, ReadOnlyAdmin, user_ids
from accounts.keyset import SortOrder
from predictions.models import PolicyChange


@admin.register(PolicyChange)
class PolicyChangeAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = SortOrder("id", True, int, parse_key=int)
    list_display = ("changed_at", "user", "approve_from", "decline_below", "api_key")
    search_help_text = _("Username or email")
    list_prefetch_related = ("user", "api_key")
    raw_id_fields = ("user", "api_key")

    def found(self, term: str) -> Q:
        return Q(user__in=user_ids(term))
