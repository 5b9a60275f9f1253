from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.models import User

# These pages show complete refresh tokens, which give access to their users' accounts.
admin.site.unregister([OutstandingToken, BlacklistedToken])


@admin.register(User)
class AccountAdmin(UserAdmin[User]):
    list_display = ("username", "email", "is_active", "is_staff", "date_joined", "last_login")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (_("One-time password"), {"fields": ("must_change_password",)}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: ledger entries refer to their user. Deactivate the account instead."""
        return False
