"""Wallet pages: top up, and the ledger of one's own movements."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from billing import payments, services
from billing.forms import EntryFilterForm, TopUpForm
from billing.models import Entry
from billing.pagination import CursorPages, page_of
from billing.templatetags.money import money


@login_required
@require_http_methods(["GET", "POST"])
def top_up_view(request: HttpRequest) -> HttpResponse:
    form = TopUpForm(request.POST or None, initial={"request_key": services.new_request_key()})
    if request.method == "POST" and form.is_valid():
        try:
            entry = services.top_up(
                user=signed_in(request),
                amount=form.cleaned_data["amount"],
                request_key=f"form:{form.cleaned_data['request_key']}",
            )
        except services.RequestKeyReused:
            form.add_error(None, _("This form was sent before with another amount. Load the page again."))
        except payments.PaymentDeclined:
            form.add_error(None, _("The payment was declined. Nothing was booked."))
        else:
            messages.success(request, _("Your balance is topped up by %(amount)s.") % {"amount": money(entry.amount)})
            return redirect("billing:transactions")
    return render(request, "billing/top_up.html", {"form": form})


@login_required
@require_safe
def transactions_view(request: HttpRequest) -> HttpResponse:
    entries = Entry.objects.filter(wallet__user=signed_in(request)).select_related("prediction", "reverses__prediction")
    form = EntryFilterForm(request.GET)
    if form.is_valid() and form.cleaned_data["kind"]:
        entries = entries.filter(kind=form.cleaned_data["kind"])
    context = page_of(entries, request, CursorPages())
    return render(request, "billing/transactions.html", context | {"filter": form})
