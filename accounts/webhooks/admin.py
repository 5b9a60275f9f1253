"""Admin pages of webhooks: read-only, without anything that signs."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_lists import LargeListAdmin, ReadOnlyAdmin, ids_in, user_ids
from accounts.keyset import NEWEST_FIRST
from accounts.webhooks.models import DeliveryQuerySet, WebhookDelivery, WebhookEndpoint


class _WebhookAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = NEWEST_FIRST

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Reject filters on seeds in the address, which would reveal them letter by letter."""
        return "seed" not in lookup and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(_WebhookAdmin):
    list_display = ("created_at", "user", "url", "active", "off_reason", "failing_since", "last_error")
    search_help_text = _("Username, email or ID")
    list_prefetch_related = ("user",)

    def found(self, term: str) -> Q:
        if users := user_ids(term):
            return Q(user__in=users)
        return Q(pk__in=ids_in(term))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_WebhookAdmin):
    list_display = (
        "created_at",
        "endpoint",
        "type",
        "status",
        "attempts",
        "response_status",
        "error",
        "due_at",
    )
    search_help_text = _("Username, email or ID, of the delivery or its webhook")
    list_prefetch_related = ("endpoint",)

    def of_everyone(self, rows: DeliveryQuerySet) -> DeliveryQuerySet:
        return rows.of_everyone()

    def found(self, term: str) -> Q:
        ids = ids_in(term)
        endpoints = WebhookEndpoint.objects.filter(Q(user__in=user_ids(term)) | Q(pk__in=ids))
        if found := list(endpoints.values_list("pk", flat=True)):
            return Q(endpoint__in=found)
        return Q(pk__in=ids)
