"""The shop's pages: home, order, result, history."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from billing import services as billing
from billing.pagination import NewestFirst, page_of
from billing.templatetags.money import money
from predictions import catalog, ordering, showcase
from predictions.access import prediction_of
from predictions.forms import HistoryFilterForm, OrderForm, as_initial, insufficient_funds_text
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS, Applicant
from predictions.texts import range_warnings

# A result that is there within this time is shown at once; otherwise the page fills it in.
PATIENCE_SECONDS = 0.4
# What an order can be refused for, when every value in it is right.
REFUSALS = (
    billing.InsufficientFunds,
    billing.RequestKeyReused,
    ordering.PriceChanged,
    ordering.TooManyOrders,
    catalog.ModelSwitchedOff,
    catalog.ModelUnavailable,
)
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


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_prediction(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    sent = request.POST if request.method == "POST" else None
    form = OrderForm(offers, sent, initial=_first_values(request, offers))
    status = 422 if form.errors else 200
    if form.is_valid():
        outcome = _order(request, form)
        if isinstance(outcome, Prediction):
            return redirect("predictions:detail", pk=outcome.pk)
        status = outcome
    context = {"form": form, "refused": status == 402, "restorable": sent is None and not _prefilled(request)}
    return render(request, "predictions/new.html", context, status=status)


def _prefilled(request: HttpRequest) -> bool:
    return "example" in request.GET or "from" in request.GET


def _first_values(request: HttpRequest, offers: list[catalog.Offer]) -> dict[str, object]:
    """A new key, the model that was asked for, and an example's or an earlier order's facts."""
    usable = [offer.model.slug for offer in offers if offer.version]
    wanted = request.GET.get("model", "")
    facts: Applicant | None = None
    if "example" in request.GET:
        facts = {field.name: field.example for field in FIELDS}
    elif "from" in request.GET:
        earlier = _earlier(request)
        wanted, facts = wanted or earlier.model.slug, earlier.facts
    model = wanted if wanted in usable else next(iter(usable), "")
    return {"request_key": billing.new_request_key(), "model": model} | (as_initial(facts) if facts else {})


def _earlier(request: HttpRequest) -> Prediction:
    try:
        return prediction_of(signed_in(request), uuid.UUID(request.GET["from"]))
    except ValueError as error:
        raise Http404 from error


def _order(request: HttpRequest, form: OrderForm) -> Prediction | int:
    """The ordered prediction, or the HTTP status of a refusal whose reason is among the form's errors."""
    try:
        order = ordering.order_prediction(
            user=signed_in(request),
            model=form.chosen,
            applicant=form.applicant,
            request_key=f"form:{form.cleaned_data['request_key']}",
            agreed_price=form.agreed_price,
        )
    except REFUSALS as refusal:
        return _refuse(form, refusal)
    return ordering.wait_for(order, PATIENCE_SECONDS)


def _refuse(form: OrderForm, refusal: Exception) -> int:
    match refusal:
        case billing.InsufficientFunds():
            text = insufficient_funds_text(money(refusal.balance), money(refusal.required))
            return _refused(form, 402, None, text)
        case billing.RequestKeyReused():
            form.renew_key()
            text = _(
                "This form was sent before with other values. Send it again to order one more prediction."
            )
            return _refused(form, 422, None, text)
        case ordering.PriceChanged():
            text = _("The price has changed to %(price)s. Nothing was charged.") % {
                "price": money(refusal.price)
            }
            return _refused(form, 409, "model", text)
        case ordering.TooManyOrders():
            text = ngettext(
                "Too many orders. Try again in %(seconds)s second. Nothing was charged.",
                "Too many orders. Try again in %(seconds)s seconds. Nothing was charged.",
                refusal.retry_after,
            )
            return _refused(form, 429, None, text % {"seconds": refusal.retry_after})
    return _refused(form, 503, "model", _("This model is not available now. Nothing was charged."))


def _refused(form: OrderForm, status: int, field: str | None, text: str) -> int:
    form.add_error(field, text)
    return status


@never_cache
@login_required
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the job runs."""
    prediction = prediction_of(signed_in(request), pk)
    polled = bool(request.headers.get("HX-Request"))
    if polled and request.GET.get("seen") == prediction.status:
        # Nothing new: the page stays as it is, and a screen reader is not told the same again.
        return HttpResponse(status=204)
    facts = [(field, prediction.facts[field.name]) for field in FIELDS]
    warnings = range_warnings(prediction.facts)
    context = {"prediction": prediction, "facts": facts, "warnings": warnings, "polled": polled}
    response = render(request, f"predictions/{'_result' if polled else 'detail'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_POST
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    try:
        prediction = ordering.cancel_prediction(prediction_of(signed_in(request), pk))
    except ordering.NotCancelable:
        messages.error(request, _("It is too late to cancel: the prediction has begun."))
    else:
        messages.success(
            request, _("Canceled; %(price)s are back on your balance.") % {"price": money(prediction.price)}
        )
    return redirect("predictions:detail", pk=pk)


@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    predictions = Prediction.objects.of(signed_in(request)).with_links()
    form = HistoryFilterForm(request.GET)
    if form.is_valid():
        wanted = {name: value for name, value in form.cleaned_data.items() if value}
        predictions = predictions.filter(**wanted)
    context = page_of(predictions, request, NewestFirst())
    return render(request, "predictions/history.html", context | {"filter": form})
