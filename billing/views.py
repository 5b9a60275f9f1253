"""The top-up page, and the context processor for the balance."""

from functools import cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import form_drafts
from accounts.requests import current_user, next_page
from billing import payment_forms, payments, services
from billing.forms import OUTDATED_FORM_ERRORS, LowBalanceForm, TopUpForm
from billing.models import Entry
from billing.money import format_amount, format_money, to_decimal

# Suggested amounts, in whole units of the currency.
SUGGESTIONS = (50, 100, 500, 1000)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@payment_forms.keyed
def top_up_view(request: HttpRequest) -> HttpResponse:
    """The form, its review, what it has paid; or pay and redirect."""
    if request.method == "POST":
        return _sent(request, TopUpForm(request.POST))
    key = payment_forms.key_of(request)
    if paid := _paid(request, key):
        context = {"paid": paid, "next": next_page(request)}
        return render(request, "billing/top_up_paid.html", context)
    stored = payment_forms.stored_inputs(request, key)
    if payment_forms.wants_review(request):
        return _review(request, TopUpForm({**stored, "request_key": key}))
    typed = form_drafts.pop(request) or stored
    initial = {"amount": request.GET.get("amount", ""), **typed, "request_key": key}
    return _form(request, TopUpForm(initial=initial), restored=bool(typed))


def _sent(request: HttpRequest, form: TopUpForm) -> HttpResponse:
    if not form.is_valid():
        return _form(request, form, 422)
    user, amount, key = current_user(request), form.cleaned_data["amount"], form.cleaned_data["request_key"]
    paid = _paid(request, key)
    if paid and paid.amount == amount:
        return redirect(payment_forms.address(request, key))
    reviewed = payment_forms.is_acknowledged(request, payment_forms.acknowledgement(user, key, amount))
    if payment_forms.is_large(amount) and not reviewed and not paid:
        payment_forms.store(request, key, form)
        return redirect(payment_forms.address(request, key, review=True))
    try:
        entry = services.top_up(user=user, amount=amount, request_key=_request_key(key))
    except services.RequestKeyReused as refusal:
        return _other_amount(request, form, refusal.status)
    except payments.PaymentDeclined as refusal:
        form.renew_key()
        form.add_error(None, payments.declined_text())
        return _form(request, form, refusal.status)
    payment_forms.forget(request, key)
    messages.success(request, _("%(amount)s added to your balance.") % {"amount": format_money(entry.amount)})
    return redirect(_next(request))


def _other_amount(request: HttpRequest, form: TopUpForm, status: int) -> HttpResponse:
    """Show the form with another amount than the one it has paid under a new key, or what that has paid."""
    used, amount = form.cleaned_data["request_key"], form.cleaned_data["amount"]
    key = payment_forms.other_key(used, amount)
    # The form with that key may have been edited once more before it was paid.
    while entry := _paid(request, key):
        if entry.amount == amount:
            return redirect(payment_forms.address(request, key))
        key = payment_forms.other_key(key, amount)
    form.renew_key(key)
    paid = _paid(request, used)
    if paid is None:
        form.add_error(None, OUTDATED_FORM_ERRORS["invalid"])
    return _form(request, form, status, paid=paid)


def _review(request: HttpRequest, form: TopUpForm) -> HttpResponse:
    """Show the amount once more, with the button that pays."""
    key = payment_forms.key_of(request)
    if not form.is_valid():
        return redirect(payment_forms.address(request, key))
    user, amount = current_user(request), form.cleaned_data["amount"]
    context = {
        "form": form,
        "amount": amount,
        "balance_after": services.wallet_of(user).balance + amount,
        "acknowledgement": payment_forms.acknowledgement(user, key, amount),
        "address": payment_forms.address(request, key),
        "next": next_page(request),
        "notice": payments.notice(),
    }
    return render(request, "billing/top_up_review.html", context)


def _form(request: HttpRequest, form: TopUpForm, status: int = 200, **more: object) -> HttpResponse:
    context = {
        "form": form,
        "address": payment_forms.address(request, str(form["request_key"].value())),
        "next": next_page(request),
        "suggestions": SUGGESTIONS,
        "is_large": form.typed_amount is not None and payment_forms.is_large(form.typed_amount),
        "review_from": str(to_decimal(settings.CONFIRM_FROM)),
        "notice": payments.notice(),
    }
    return render(request, "billing/top_up.html", context | more, status=status)


def _paid(request: HttpRequest, key: object) -> Entry | None:
    return services.top_up_with_key(current_user(request), _request_key(key))


def _request_key(key: object) -> str:
    return f"form:{key}"


def _next(request: HttpRequest) -> str:
    return next_page(request, settings.TOP_UP_REDIRECT_URL)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def low_balance_view(request: HttpRequest) -> HttpResponse:
    """The balance below which webhooks are told; empty for never."""
    user = current_user(request)
    if request.method == "GET":
        stored = services.wallet_of(user).low_balance
        initial = {"amount": None if stored is None else format_amount(stored), **form_drafts.pop(request)}
        return render(request, "billing/low_balance.html", {"form": LowBalanceForm(initial=initial)})
    form = LowBalanceForm(request.POST)
    if not form.is_valid():
        return render(request, "billing/low_balance.html", {"form": form}, status=422)
    services.warn_below(user, form.cleaned_data["amount"])
    messages.success(request, _("Saved."))
    return redirect("billing:low-balance")


def test_payments(request: HttpRequest) -> dict[str, object]:
    """Context processor: whether this is a trial, and whether payments are not real; every page says so."""
    return {"trial": settings.TRIAL, "test_payments": settings.TEST_PAYMENTS}


def balance(request: HttpRequest) -> dict[str, object]:
    """Context processor: `balance` in minor units, read once and only if a template shows it."""
    # Middleware may refuse a request before it has a user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"balance": cache(lambda: services.wallet_of(current_user(request)).balance)}
