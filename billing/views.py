"""Wallet pages: top up, and the ledger of one's own movements."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import interrupted
from accounts.access import signed_in
from accounts.interrupted import login_or_keep
from accounts.redirects import wanted_page
from billing import payments, services
from billing.exports import ENTRY_COLUMNS, csv_response, entry_rows
from billing.forms import EntryFilterForm, StatementForm, TopUpForm
from billing.models import Entry, Wallet
from billing.pagination import NewestFirst, OldestFirst, page_of
from billing.periods import Month
from billing.statements import months_of, statement_of
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


@never_cache
@login_required
@require_safe
def transactions_view(request: HttpRequest) -> HttpResponse:
    wallet = services.wallet_of(signed_in(request))
    form = EntryFilterForm(request.GET, months_of(wallet))
    kind, month = form.chosen
    context = page_of(_entries(wallet, kind, month), request, NewestFirst())
    chosen = {name: value for name, value in (("kind", kind), ("month", str(month or ""))) if value}
    context |= {"filter": form, "month": month, "chosen": urlencode(chosen)}
    return render(request, "billing/transactions.html", context)


@never_cache
@login_required
@require_safe
def transactions_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What the page lists, as a file; one of a kind or month that there is not is not found."""
    user = signed_in(request)
    wallet = services.wallet_of(user)
    form = EntryFilterForm(request.GET, months_of(wallet))
    if not form.is_valid():
        raise Http404
    kind, month = form.chosen
    name = "-".join(["transactions", *(str(part) for part in (kind, month) if part)])
    rows = entry_rows(_entries(wallet, kind, month).order_by(*NewestFirst.ordering))
    return csv_response(user, f"{name}.csv", ENTRY_COLUMNS, rows)


@never_cache
@login_required
@require_safe
def statement_view(request: HttpRequest) -> HttpResponse:
    wallet = services.wallet_of(signed_in(request))
    form = StatementForm(request.GET, months_of(wallet))
    month = form.chosen
    context = page_of(_entries(wallet, "", month), request, OldestFirst())
    now = timezone.now()
    context |= {
        "statement": statement_of(wallet, month),
        "form": form,
        "last_day": month.period.end - timedelta(days=1),
        "now": now,
        "going_on": now < month.period.end,
        "currency": settings.CURRENCY,
    }
    return render(request, "billing/statement.html", context)


def _entries(wallet: Wallet, kind: str, month: Month | None) -> QuerySet[Entry]:
    """With what was paid for, or whose money came back: `for_prediction` and `for_comparison` are keys,
    `for_model` is a slug, `for_model_name` in the reader's language, `for_label` the customer's own.
    """
    entries = Entry.objects.filter(wallet=wallet)
    if kind:
        entries = entries.filter(kind=kind)
    if month:
        start, end = month.period
        entries = entries.filter(created_at__gte=start, created_at__lt=end)
    name = "name_ru" if get_language() == "ru" else "name_en"
    return entries.annotate(
        for_prediction=_bought("pk"),
        for_model=_bought("model__slug"),
        for_model_name=_bought(f"model__{name}"),
        for_label=_bought("label"),
        for_comparison=_bought("comparison"),
    )


def _bought(field: str) -> Coalesce:
    """Of the charge's prediction, or of the refund's; null where nothing was bought."""
    return Coalesce(f"prediction__{field}", f"reverses__prediction__{field}")
