"""The front page, and a customer's overview."""

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from billing import services as billing
from billing.spending import spending_of
from predictions import catalog, showcase
from predictions.charts.spend import spend_chart
from predictions.models import Prediction, ScoringModel
from predictions.waiting import waiting_of

# A balance below the price of so many predictions of the cheapest model is worth a notice.
LOW_BALANCE = 3


class Low(NamedTuple):
    """How many predictions of the cheapest model are left."""

    model: ScoringModel
    left: int


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    context = {"offers": offers, "sample": showcase.sample(offers)}
    return render(request, "predictions/home.html", context)


@never_cache
@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx the parts that change while predictions are worked on."""
    user = signed_in(request)
    wallet, waiting = billing.wallet_of(user), waiting_of(user)
    seen = f"{wallet.balance}.{waiting.state}"
    polled = bool(request.headers.get("HX-Request"))
    if polled and request.GET.get("seen") == seen:
        # Nothing new: the page stays as it is, and a screen reader is not told the same again.
        return HttpResponse(status=204)
    offers = catalog.offers()
    context = {
        "polled": polled,
        "waiting": waiting,
        "seen": seen,
        "offers": offers,
        "low": _low(wallet.balance, offers),
        "latest": Prediction.objects.of(user).with_links().order_by("-created_at", "-pk")[:5],
    }
    # While no money moves its table stays open for the reader.
    if not polled or request.GET.get("seen", "").partition(".")[0] != str(wallet.balance):
        spending = spending_of(wallet)
        context |= {"spending": spending, "chart": spend_chart(spending.days)}
    response = render(request, f"predictions/{'_overview' if polled else 'dashboard'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _low(balance: int, offers: list[catalog.Offer]) -> Low | None:
    on_sale = [offer.model for offer in offers if offer.version]
    if not on_sale:
        return None
    cheapest = min(on_sale, key=lambda model: model.price)
    count = balance // cheapest.price
    return Low(cheapest, count) if count < LOW_BALANCE else None
