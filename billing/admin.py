"""Admin pages of the ledger: read-only, except for adjustments, which go through the services."""

from datetime import datetime

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin_lists import LargeListAdmin, ReadOnlyAdmin, ids_in, user_ids
from accounts.keyset import SortOrder
from accounts.requests import current_user
from billing import services
from billing.forms import AmountField
from billing.models import Entry, EntryQuerySet, Wallet
from billing.money import format_money, format_signed_money, to_minor
from billing.pagination import ENTRIES_NEWEST_FIRST


class AdjustmentForm(forms.Form):
    amount = AmountField(label=_("Amount (negative to deduct)"))
    reason = forms.CharField(label=_("Reason"), max_length=500)
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_amount(self) -> int:
        """Return minor units."""
        amount = self.cleaned_data["amount"]
        if amount == 0 or abs(amount) > 1_000_000:
            raise ValidationError(_("Enter an amount from −1,000,000 to 1,000,000, except 0."))
        return to_minor(amount)


@admin.register(Wallet)
class WalletAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = SortOrder("pk", True, int, parse_key=int)
    list_display = ("opened", "customer", "shown_balance", "adjust_link")
    fields = list_display
    search_help_text = _("Username or email")
    list_prefetch_related = ("user",)

    def found(self, term: str) -> Q:
        return Q(user__in=user_ids(term))

    def get_urls(self) -> list[URLPattern]:
        adjust = self.admin_site.admin_view(self.adjust_view)
        return [path("<int:pk>/adjust/", adjust, name="billing_wallet_adjust"), *super().get_urls()]

    @admin.display(description=_("opened"))
    def opened(self, wallet: Wallet) -> datetime:
        return wallet.created_at

    @admin.display(description=_("balance"))
    def shown_balance(self, wallet: Wallet) -> str:
        return format_money(wallet.balance)

    @admin.display(description=_("adjustment"))
    def adjust_link(self, wallet: Wallet) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:billing_wallet_adjust", args=[wallet.pk]), _("Adjust")
        )

    def adjust_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("billing.change_wallet"):
            return self._forbidden(request)
        wallet = get_object_or_404(Wallet.objects.select_related("user"), pk=pk)
        form = AdjustmentForm(request.POST or None, initial={"request_key": services.new_request_key()})
        if request.method == "POST" and form.is_valid() and _adjust(request, wallet, form):
            return redirect("admin:billing_wallet_changelist")
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "wallet": wallet,
            "title": _("Adjust balance"),
        }
        return render(request, "admin/billing/adjust.html", context)

    def _forbidden(self, request: HttpRequest) -> HttpResponse:
        messages.error(request, _("You do not have permission to adjust balances."))
        return redirect("admin:index")


def _adjust(request: HttpRequest, wallet: Wallet, form: AdjustmentForm) -> bool:
    try:
        entry = services.adjust(
            user=wallet.user,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            operator=current_user(request),
            request_key=f"adjust:{form.cleaned_data['request_key']}",
        )
    except services.InsufficientFunds as error:
        form.add_error(
            "amount", _("The balance is only %(balance)s.") % {"balance": format_money(error.balance)}
        )
        return False
    except services.RequestKeyReused:
        form.add_error(None, _("This form was already sent with another amount. Reload the page."))
        return False
    messages.success(
        request, _("Balance adjusted by %(amount)s.") % {"amount": format_signed_money(entry.amount)}
    )
    return True


@admin.register(Entry)
class EntryAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = ENTRIES_NEWEST_FIRST
    list_display = ("created_at", "wallet", "kind", "shown_amount", "shown_balance", "operator", "note")
    fields = ("created_at", "wallet", "kind", "shown_amount", "shown_balance", "api_key", "operator", "note")
    list_filter = ("kind", "created_at")
    search_help_text = _("Username, email, ID or note")
    list_prefetch_related = ("wallet__user", "operator")

    def of_everyone(self, rows: EntryQuerySet) -> EntryQuerySet:
        return rows.of_everyone()

    def found(self, term: str) -> Q:
        if wallets := list(Wallet.objects.filter(user__in=user_ids(term)).values_list("pk", flat=True)):
            return Q(wallet__in=wallets)
        if entries := ids_in(term):
            return Q(public_id__in=entries)
        return Q(note=term) & ~Q(note="")

    @admin.display(description=_("amount"))
    def shown_amount(self, entry: Entry) -> str:
        return format_signed_money(entry.amount)

    @admin.display(description=_("balance after"))
    def shown_balance(self, entry: Entry) -> str:
        return format_money(entry.balance_after)
