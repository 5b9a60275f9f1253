"""Ordering a prediction, and taking the order back."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import interrupted
from accounts.access import signed_in
from accounts.interrupted import login_or_keep
from accounts.redirects import wanted_page
from billing import services as billing
from billing.templatetags.money import money
from predictions import catalog, ordering
from predictions.access import prediction_of
from predictions.forms.applicant import TYPED_WITH_LABEL
from predictions.forms.orders import OrderForm
from predictions.models import Prediction
from predictions.views import prefill
from predictions.views.refusals import REFUSALS, refuse

# A result that is there within this time is shown at once; otherwise the page fills it in.
PATIENCE_SECONDS = 1.0


@never_cache
@login_or_keep(*TYPED_WITH_LABEL, "model")
@require_http_methods(["GET", "POST"])
def new_prediction(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    sent = request.POST if request.method == "POST" else None
    kept = interrupted.take(request)
    form = OrderForm(offers, sent, initial=_first_values(request, offers, kept))
    status = 422 if form.errors else 200
    if form.is_valid():
        outcome = _order(request, form)
        if isinstance(outcome, Prediction):
            return redirect("predictions:detail", pk=outcome.pk)
        status = outcome
    context = prefill.form_context(request, form, kept, status)
    return render(request, "predictions/new.html", context, status=status)


def _first_values(
    request: HttpRequest, offers: list[catalog.Offer], kept: dict[str, str]
) -> dict[str, object]:
    """A new key and what was kept; or the model that was asked for, and an example's or an earlier
    order's facts.
    """
    usable = [offer.model.slug for offer in offers if offer.version]
    if kept:
        # A model that cannot be bought any more is not replaced by another one, at another price.
        model = kept.get("model", "") if kept.get("model", "") in usable else ""
        return {"request_key": billing.new_request_key(), **kept, "model": model}
    earlier = prefill.earlier_order(request)
    wanted = request.GET.get("model", "") or (earlier.model.slug if earlier else "")
    model = wanted if wanted in usable else next(iter(usable), "")
    facts = prefill.first_facts(request, earlier)
    return {"request_key": billing.new_request_key(), "model": model} | facts


def _order(request: HttpRequest, form: OrderForm) -> Prediction | int:
    """The ordered prediction, or the HTTP status of a refusal whose reason is among the form's errors."""
    try:
        order = ordering.order_prediction(
            user=signed_in(request),
            model=form.chosen,
            applicant=form.applicant,
            request_key=f"form:{form.cleaned_data['request_key']}",
            agreed_price=form.agreed_price,
            label=form.cleaned_data["label"],
        )
    except REFUSALS as refusal:
        return refuse(form, refusal)
    return ordering.wait_for(order, PATIENCE_SECONDS)


@login_or_keep()
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Only a POST cancels; who comes back from the log-in finds the order, and its button."""
    if request.method == "GET":
        return redirect("predictions:detail", pk=pk)
    try:
        prediction = ordering.cancel_prediction(prediction_of(signed_in(request), pk))
    except ordering.NotCancelable:
        messages.error(request, _("It is too late to cancel: the prediction has begun."))
    else:
        messages.success(
            request, _("Canceled; %(price)s are back on your balance.") % {"price": money(prediction.price)}
        )
    return redirect(wanted_page(request) or reverse("predictions:detail", args=[pk]))
