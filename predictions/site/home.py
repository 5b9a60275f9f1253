"""The home page, and the dashboard."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.requests import FragmentRequest, current_user
from billing import services as billing
from billing.reports.spending import spending_of
from predictions import catalog
from predictions.catalog import Offer
from predictions.formats.charts.spending import spend_chart
from predictions.formats.model_cards.benefits import priced_offers
from predictions.models import Prediction, ScoringModel
from predictions.selectors import owned, pending_of
from predictions.site.trial import trial_context

# A balance below the price of this many predictions of the cheapest model is low.
LOW_BALANCE_PREDICTIONS = 3


@dataclass(frozen=True)
class LowBalance:
    """How many predictions of the cheapest model the balance still pays for."""

    model: ScoringModel
    left: int


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page, with a trial that answers what its form has sent."""
    offers = catalog.offers()
    tryout = trial_context(request, offers)
    if tryout:
        tryout["rising"] = not request.GET
    context = {"offers": priced_offers(offers), "tryout": tryout, "welcome": settings.WELCOME_CREDIT}
    return render(request, "predictions/home.html", context)


@never_cache
@login_required
@require_safe
@vary_on_headers("HX-Request")
def dashboard(request: FragmentRequest) -> HttpResponse:
    """The whole page, or for htmx the parts that change while predictions are pending."""
    user = current_user(request)
    wallet, pending = billing.wallet_of(user), pending_of(user)
    state = f"{wallet.balance}.{pending.state}"
    polled = bool(request.htmx)
    if polled and request.GET.get("seen") == state:
        # Nothing has changed: with 204 htmx leaves the page alone, and screen readers do not repeat it.
        return HttpResponse(status=204)
    offers = catalog.offers()
    context = {
        "polled": polled,
        "pending": pending,
        "seen": state,
        "offers": offers,
        "low": _low_balance(wallet.balance, offers),
        "latest": owned(user, Prediction.objects.of(user).with_links().order_by("-created_at", "-pk")[:5]),
    }
    # Sent only if the balance has changed, because replacing the open spending table would close it.
    if not polled or request.GET.get("seen", "").partition(".")[0] != str(wallet.balance):
        spending = spending_of(wallet)
        context |= {"spending": spending, "chart": spend_chart(spending.days)}
    template = "predictions/_overview.html" if polled else "predictions/dashboard.html"
    return render(request, template, context)


def _low_balance(balance: int, offers: list[Offer]) -> LowBalance | None:
    on_sale = [offer.model for offer in offers if offer.version]
    if not on_sale:
        return None
    cheapest = min(on_sale, key=lambda model: model.price)
    count = balance // cheapest.price
    return LowBalance(cheapest, count) if count < LOW_BALANCE_PREDICTIONS else None
