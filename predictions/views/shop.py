"""The front page, and a customer's overview."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from billing import services as billing
from predictions import catalog, showcase
from predictions.models import Prediction

# A balance below the price of so many predictions of the cheapest model is worth a notice.
LOW_BALANCE = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    context = {"offers": offers, "sample": showcase.sample(offers)}
    return render(request, "predictions/home.html", context)


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    user, offers = signed_in(request), catalog.offers()
    latest = Prediction.objects.of(user).with_links().order_by("-created_at", "-pk")[:5]
    cheapest = min((offer.model.price for offer in offers), default=0)
    low = billing.wallet_of(user).balance < LOW_BALANCE * cheapest
    return render(
        request, "predictions/dashboard.html", {"latest": latest, "offers": offers, "low_balance": low}
    )
