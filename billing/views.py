"""Wallet pages: top up, and the ledger of one's own movements."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import interrupted
from accounts.access import signed_in
from accounts.interrupted import login_or_keep
from accounts.redirects import wanted_page
from billing import payments, services
from billing.forms import EntryFilterForm, TopUpForm
from billing.models import Entry
from billing.pagination import CursorPages, page_of
from billing.templatetags.money import money

# Amounts that are one click away, in whole units of the currency.
SUGGESTIONS = (50, 100, 500, 1000)


@never_cache
@login_or_keep("amount")
@require_http_methods(["GET", "POST"])
def top_up_view(request: HttpRequest) -> HttpResponse:
    kept = interrupted.take(request)
    first = _first_values(request) | kept
    form = TopUpForm(request.POST if request.method == "POST" else None, initial=first)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            entry = services.top_up(
                user=signed_in(request),
                amount=form.cleaned_data["amount"],
                request_key=f"form:{form.cleaned_data['request_key']}",
            )
        except services.RequestKeyReused:
            form.renew_key()
            form.add_error(
                None, _("This form was sent before with another amount. Send it again to pay more.")
            )
            status = 422
        except payments.PaymentDeclined:
            form.renew_key()
            form.add_error(None, _("The payment was declined. Nothing was booked."))
            status = 402
        else:
            messages.success(
                request, _("Your balance is topped up by %(amount)s.") % {"amount": money(entry.amount)}
            )
            return redirect(wanted_page(request, "billing:transactions"))
    context = {
        "form": form,
        "next": wanted_page(request),
        "suggestions": SUGGESTIONS,
        "restored": bool(kept),
    }
    return render(request, "billing/top_up.html", context, status=status)


def _first_values(request: HttpRequest) -> dict[str, object]:
    return {"request_key": services.new_request_key(), "amount": request.GET.get("amount", "")}


@login_required
@require_safe
def transactions_view(request: HttpRequest) -> HttpResponse:
    entries = Entry.objects.filter(wallet__user=signed_in(request)).select_related(
        "prediction", "reverses__prediction"
    )
    form = EntryFilterForm(request.GET)
    if form.is_valid() and form.cleaned_data["kind"]:
        entries = entries.filter(kind=form.cleaned_data["kind"])
    context = page_of(entries, request, CursorPages())
    return render(request, "billing/transactions.html", context | {"filter": form})
