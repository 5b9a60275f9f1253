"""The shop's pages: home, models, order, result, history."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from billing import services as billing
from billing.pagination import NewestFirst, page_of
from billing.templatetags.money import money
from predictions import catalog, ordering
from predictions.access import prediction_of
from predictions.forms import HistoryFilterForm, OrderForm, as_text, insufficient_funds_text
from predictions.models import Prediction, ScoringModel
from predictions.scoring.schema import FIELDS
from predictions.texts import range_warnings

# A result that is there within this time is shown at once; otherwise the page fills it in.
PATIENCE_SECONDS = 0.4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "predictions/home.html", {"offers": catalog.offers()})


@require_safe
def models_view(request: HttpRequest) -> HttpResponse:
    return render(request, "predictions/models.html", {"offers": catalog.offers()})


@require_safe
def model_view(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(ScoringModel, slug=slug, active=True)
    return render(request, "predictions/model.html", {"offer": catalog.offer_of(model)})


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    latest = Prediction.objects.of(signed_in(request)).with_links().order_by("-created_at", "-pk")[:5]
    return render(request, "predictions/dashboard.html", {"latest": latest, "offers": catalog.offers()})


@login_required
@require_http_methods(["GET", "POST"])
def new_prediction(request: HttpRequest) -> HttpResponse:
    form = OrderForm(catalog.offers(), request.POST or None, initial=_first_values(request))
    if request.method == "POST" and form.is_valid():
        prediction = _order(request, form)
        if prediction:
            return redirect("predictions:detail", pk=prediction.pk)
    status = 422 if form.errors else 200
    return render(request, "predictions/new.html", {"form": form, "fields": FIELDS}, status=status)


def _first_values(request: HttpRequest) -> dict[str, object]:
    """A new key, the model that was asked for, and an example's or an earlier order's facts."""
    values: dict[str, object] = {"request_key": uuid.uuid4(), "model": request.GET.get("model", "")}
    if "example" in request.GET:
        values |= {field.name: as_text(field.example) for field in FIELDS}
    return values


def _order(request: HttpRequest, form: OrderForm) -> Prediction | None:
    """The ordered prediction, or None with the reason among the form's errors."""
    try:
        order = ordering.order_prediction(
            user=signed_in(request),
            model=form.chosen,
            applicant=form.applicant,
            request_key=f"form:{form.cleaned_data['request_key']}",
            agreed_price=form.agreed_price,
        )
    except billing.InsufficientFunds as error:
        form.add_error(None, insufficient_funds_text(money(error.balance), money(error.required)))
    except billing.RequestKeyReused:
        form.add_error(None, _("This form was sent before with other values. Load the page again."))
    except ordering.PriceChanged as error:
        form.add_error("model", _("The price has changed to %(price)s. Nothing was charged.") % {"price": money(error.price)})
    except (catalog.ModelSwitchedOff, catalog.ModelUnavailable):
        form.add_error("model", _("This model is not available now. Nothing was charged."))
    except ordering.TooManyOrders as error:
        form.add_error(None, _("Too many orders. Try again in %(seconds)s s.") % {"seconds": error.retry_after})
    else:
        return ordering.wait_for(order, PATIENCE_SECONDS)
    return None


@login_required
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the job runs."""
    prediction = prediction_of(signed_in(request), pk)
    template = "predictions/_result.html" if request.headers.get("HX-Request") else "predictions/detail.html"
    facts = [(field, prediction.facts[field.name]) for field in FIELDS]
    context = {"prediction": prediction, "facts": facts, "warnings": range_warnings(prediction.facts)}
    return render(request, template, context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    try:
        prediction = ordering.cancel_prediction(prediction_of(signed_in(request), pk))
    except ordering.NotCancelable:
        messages.error(request, _("It is too late to cancel: the prediction has begun."))
    else:
        messages.success(request, _("Canceled; %(price)s are back on your balance.") % {"price": money(prediction.price)})
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
