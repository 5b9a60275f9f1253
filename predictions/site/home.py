"""The home page with a sample, and the dashboard."""

from dataclasses import dataclass
from functools import lru_cache

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
from predictions.models import Prediction, ScoringModel
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import EXAMPLE, FIELDS_BY_NAME, Applicant, Field, Value
from predictions.selectors import owned, pending_of

# The scorecard is a small table, the only model that costs the web process almost nothing.
SAMPLE_SLUG = "logistic-regression"
SAMPLE_FACTS = ("person_income", "loan_amnt", "loan_int_rate", "cb_person_default_on_file")
# A balance below the price of this many predictions of the cheapest model is low.
LOW_BALANCE_PREDICTIONS = 3


@dataclass(frozen=True)
class Sample:
    """An application with its probability of approval, for the home page."""

    offer: Offer
    probability: float
    facts: list[tuple[Field, Value]]


@dataclass(frozen=True)
class LowBalance:
    """How many predictions of the cheapest model the balance still pays for."""

    model: ScoringModel
    left: int


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    return render(request, "predictions/home.html", {"offers": offers, "sample": sample(offers)})


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


def sample(offers: list[Offer]) -> Sample | None:
    """Return the example with its probability of approval; None if the model is not available."""
    offer = next((offer for offer in offers if offer.model.slug == SAMPLE_SLUG and offer.version), None)
    if offer is None or offer.ref is None:
        return None
    applicant = parse_applicant(EXAMPLE)
    try:
        probability = _scored(offer.ref, tuple(applicant.items()))
    except ArtifactError:
        return None
    return Sample(offer, probability, [(FIELDS_BY_NAME[name], applicant[name]) for name in SAMPLE_FACTS])


@lru_cache(maxsize=1)
def _scored(ref: ArtifactRef, facts: tuple[tuple[str, Value], ...]) -> float:
    applicant: Applicant = dict(facts)
    return float(score(settings.ARTIFACTS_DIR, ref, [applicant])[0])


def _low_balance(balance: int, offers: list[Offer]) -> LowBalance | None:
    on_sale = [offer.model for offer in offers if offer.version]
    if not on_sale:
        return None
    cheapest = min(on_sale, key=lambda model: model.price)
    count = balance // cheapest.price
    return LowBalance(cheapest, count) if count < LOW_BALANCE_PREDICTIONS else None
