from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Q
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.admin_lists import LargeListAdmin, ids_in, user_ids
from accounts.keyset import SortOrder, parse_time
from accounts.models import User


@admin.register(User)
class AccountAdmin(LargeListAdmin, UserAdmin[User]):
    sort_order = SortOrder("date_joined", True, parse_time)
    list_display = ("username", "email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = LargeListAdmin.search_fields
    search_help_text = _("Username, email or ID, or the beginning of a username")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (_("One-time password"), {"fields": ("must_change_password",)}),
    )

    def found(self, term: str) -> Q:
        exact = [*user_ids(term), *ids_in(term)]
        return Q(pk__in=exact) if exact else Q(username__startswith=term)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        """Also ends the user's sessions and tokens when access is withdrawn or a new password is demanded."""
        if change and {"is_active", "must_change_password"} & set(form.changed_data):
            services.end_access(obj)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: ledger entries refer to their user. Deactivate the account instead."""
        return False
