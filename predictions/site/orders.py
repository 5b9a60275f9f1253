"""The page that orders a prediction, and the view that cancels one."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.requests import current_user, next_page
from billing import payment_forms
from billing.money import format_money
from predictions import catalog
from predictions.catalog import Offer
from predictions.orders.predictions import (
    NotCancelable,
    cancel_prediction,
    check_prediction,
    order_prediction,
)
from predictions.selectors import get_prediction_or_404, wait_for_result
from predictions.site.forms.orders import OrderForm
from predictions.site.order_form import OrderPage, Prefill
from predictions.site.paid_orders import page_of, request_key_of

# How long an order waits for its result before it redirects; after that the page polls.
WAIT_SECONDS = 1.0


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@payment_forms.keyed
def new_prediction(request: HttpRequest) -> HttpResponse:
    offers, prefill, user = catalog.offers(), Prefill.of(request), current_user(request)
    preselected = {"model": _initial_model(request, offers, prefill)}
    page = OrderPage(
        form=lambda data, initial: OrderForm(offers, data, initial=initial | preselected),
        check=lambda form: check_prediction(user, form.chosen, form.applicant, form.agreed_price),
        place=lambda form: _order(user, form),
        template="predictions/new.html",
    )
    return page.answer(request, prefill)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A POST cancels; a GET, such as the redirect after a login, only shows the order."""
    if request.method == "GET":
        return redirect("predictions:detail", pk=pk)
    try:
        prediction = cancel_prediction(get_prediction_or_404(current_user(request), pk))
    except NotCancelable:
        messages.error(request, _("Too late to cancel: the calculation has already started or finished."))
    else:
        text = _("Order canceled. %(price)s refunded to your balance.")
        messages.success(request, text % {"price": format_money(prediction.price)})
    return redirect(next_page(request) or reverse("predictions:detail", args=[pk]))


def _initial_model(request: HttpRequest, offers: list[Offer], prefill: Prefill) -> str:
    """Return the slug of the preselected model, "" for none."""
    available = [offer.model.slug for offer in offers if offer.version]
    if prefill.typed:
        # If the model that was chosen is no longer available, do not preselect one at another price.
        slug = prefill.typed.get("model", "")
        return slug if slug in available else ""
    slug = request.GET.get("model", "") or (prefill.earlier.model.slug if prefill.earlier else "")
    return slug if slug in available else next(iter(available), "")


def _order(user: User, form: OrderForm) -> str:
    """Return the address of the ordered prediction. Raises what `order_prediction` raises."""
    order = order_prediction(
        user=user,
        model=form.chosen,
        applicant=form.applicant,
        request_key=request_key_of(form.cleaned_data["request_key"]),
        agreed_price=form.agreed_price,
        label=form.cleaned_data["label"],
    )
    prediction = order.prediction
    if order.published:
        prediction = wait_for_result(user, prediction.pk, WAIT_SECONDS)
    return page_of(prediction)
