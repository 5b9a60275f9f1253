from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import events, notices, services, tasks
from accounts.admin_lists import LargeListAdmin, ids_in, user_ids
from accounts.keys import services as keys
from accounts.keyset import NEWEST_FIRST, SortOrder, parse_time
from accounts.models import ApiKey, SiteText, User
from accounts.second_factor import services as second_factor
from accounts.site_texts import services as site_texts
from accounts.webhooks import admin as webhooks

__all__ = ["AccountAdmin", "webhooks"]


# Their pages show secrets and codes.
admin.site.unregister([TOTPDevice, StaticDevice])


@admin.register(User)
class AccountAdmin(LargeListAdmin, UserAdmin[User]):
    sort_order = SortOrder("date_joined", True, parse_time)
    list_display = ("username", "email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = LargeListAdmin.search_fields
    readonly_fields = ("last_login", "date_joined")
    actions = ("reset_second_factor",)
    search_help_text = _("Username, email or ID, or the beginning of a username")
    fieldsets = (
        *(
            (
                title,
                options | {"classes": ("collapse",)} if "user_permissions" in options["fields"] else options,
            )
            for title, options in UserAdmin.fieldsets or ()
        ),
        (_("One-time password"), {"fields": ("must_change_password",)}),
    )

    def found(self, term: str) -> Q:
        exact = [*user_ids(term), *ids_in(term)]
        return Q(pk__in=exact) if exact else Q(username__startswith=term)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        """Also ends the user's sessions and tokens when access is withdrawn or a new password is demanded."""
        if change and {"is_active", "must_change_password"} & set(form.changed_data):
            services.end_access(obj)
        if change and "email" in form.changed_data:
            # Links that were mailed before end, too.
            obj.email_confirmed_at, obj.pending_email = None, ""
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Turn off two-factor log-in"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, selected: QuerySet[User]) -> None:
        """For whoever has lost both the phone and the codes. That of operators is for superusers."""
        allowed = selected if request.user.is_superuser else selected.filter(is_staff=False)
        users = [user for user in allowed if second_factor.is_on(user)]
        for user in users:
            second_factor.turn_off(user)
            self.log_change(request, user, "Two-factor log-in turned off.")
            events.account_changed(user, "second factor turned off by an operator")
            tasks.notify(notices.SECOND_FACTOR_OFF, user.email, user.get_username())
        text = ngettext("Turned off for %(number)s user.", "Turned off for %(number)s users.", len(users))
        messages.success(request, text % {"number": len(users)})

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: ledger entries refer to their user. Deactivate the account instead."""
        return False


@admin.register(SiteText)
class SiteTextAdmin(admin.ModelAdmin[SiteText]):
    list_display = ("kind", "language", "changed_at")

    def save_model(
        self, request: HttpRequest, obj: SiteText, form: ModelForm[SiteText], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        site_texts.forget()

    def delete_model(self, request: HttpRequest, obj: SiteText) -> None:
        super().delete_model(request, obj)
        site_texts.forget()


@admin.register(ApiKey)
class ApiKeyAdmin(LargeListAdmin):
    """Operators see whose keys there are, and revoke them. Only users create keys, and nobody sees one."""

    sort_order = NEWEST_FIRST
    list_display = ("prefix", "user", "name", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_prefetch_related = ("user",)
    search_help_text = _("Username, email, ID or the beginning of the key")
    fields = (*list_display, "scopes", "daily_limit", "orders_per_minute")
    actions = ("revoke",)

    def found(self, term: str) -> Q:
        if users := user_ids(term):
            return Q(user__in=users)
        return Q(pk__in=ids) if (ids := ids_in(term)) else Q(prefix=term)

    @admin.action(description=_("Revoke the selected keys"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, selected: QuerySet[ApiKey]) -> None:
        revoked = keys.revoke(selected)
        text = ngettext("%(number)s key revoked.", "%(number)s keys revoked.", revoked)
        messages.success(request, text % {"number": revoked})

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Never: charges name the key that they were made with."""
        return False
