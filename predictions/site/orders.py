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

from accounts.requests import current_user, next_page
from billing.money import format_money
from predictions import catalog
from predictions.catalog import Offer
from predictions.orders.predictions import NotCancelable, cancel_prediction, order_prediction
from predictions.selectors import get_prediction_or_404, wait_for_result
from predictions.site.forms.orders import OrderForm
from predictions.site.order_form import Prefill, order_page

# How long an order waits for its result before it redirects; after that the page polls.
WAIT_SECONDS = 1.0


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_prediction(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    prefill = Prefill.of(request)
    initial = prefill.values | {"model": _initial_model(request, offers, prefill)}
    form = OrderForm(offers, request.POST if request.method == "POST" else None, initial=initial)
    return order_page(
        request,
        form=form,
        prefill=prefill,
        place=lambda: _order(request, form),
        template="predictions/new.html",
        context={},
    )


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
    if prefill.draft:
        # If the draft's model is no longer available, do not preselect one at another price.
        slug = prefill.draft.get("model", "")
        return slug if slug in available else ""
    slug = request.GET.get("model", "") or (prefill.earlier.model.slug if prefill.earlier else "")
    return slug if slug in available else next(iter(available), "")


def _order(request: HttpRequest, form: OrderForm) -> str:
    """Return the address of the ordered prediction. Raises what `order_prediction` raises."""
    order = order_prediction(
        user=current_user(request),
        model=form.chosen,
        applicant=form.applicant,
        request_key=f"form:{form.cleaned_data['request_key']}",
        agreed_price=form.agreed_price,
        label=form.cleaned_data["label"],
    )
    return reverse("predictions:detail", args=[wait_for_result(order, WAIT_SECONDS).pk])
