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
from billing import payments, services
from billing.forms import TopUpForm
from billing.money import format_money

# Suggested amounts, in whole units of the currency.
SUGGESTIONS = (50, 100, 500, 1000)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def top_up_view(request: HttpRequest) -> HttpResponse:
    draft = form_drafts.pop(request)
    initial = _initial_values(request) | draft
    form = TopUpForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            entry = services.top_up(
                user=current_user(request),
                amount=form.cleaned_data["amount"],
                request_key=f"form:{form.cleaned_data['request_key']}",
            )
        except services.RequestKeyReused:
            form.renew_key()
            form.add_error(
                None, _("This form was already sent with another amount. Send it again to pay once more.")
            )
            status = 422
        except payments.PaymentDeclined:
            form.renew_key()
            form.add_error(None, _("The payment was declined. Your balance has not changed."))
            status = 402
        else:
            messages.success(
                request,
                _("%(amount)s added to your balance.") % {"amount": format_money(entry.amount)},
            )
            return redirect(next_page(request, settings.TOP_UP_REDIRECT_URL))
    context = {
        "form": form,
        "next": next_page(request),
        "suggestions": SUGGESTIONS,
        "notice": getattr(payments.provider(), "notice", ""),
        "restored": bool(draft),
    }
    return render(request, "billing/top_up.html", context, status=status)


def _initial_values(request: HttpRequest) -> dict[str, object]:
    return {"request_key": services.new_request_key(), "amount": request.GET.get("amount", "")}


def balance(request: HttpRequest) -> dict[str, object]:
    """Context processor: `balance` in minor units, read once and only if a template shows it."""
    # Middleware may refuse a request before it has a user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"balance": cache(lambda: services.wallet_of(current_user(request)).balance)}
