"""Pages of comparisons: order, result, label, cancel."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import form_drafts
from accounts.models import User
from accounts.polling import Polling
from accounts.requests import FragmentRequest, current_user
from billing import payment_forms
from billing.money import format_money
from predictions.catalog import ModelUnavailable
from predictions.orders.comparisons import (
    Quote,
    cancel_comparison,
    check_comparison,
    order_comparison,
    quote,
)
from predictions.orders.labels import rename_comparison
from predictions.orders.predictions import NotCancelable
from predictions.selectors import get_comparison_or_404
from predictions.site.comparison_context import comparison_context
from predictions.site.forms.orders import ComparisonForm
from predictions.site.labels import change_label
from predictions.site.order_form import OrderPage, Prefill
from predictions.site.paid_orders import page_of, request_key_of


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@payment_forms.keyed
def new_comparison(request: HttpRequest) -> HttpResponse:
    offered, user = _quote(), current_user(request)
    page = OrderPage(
        form=lambda data, initial: ComparisonForm(offered, data, initial=initial),
        check=lambda form: check_comparison(user, form.applicant, form.agreed_price),
        place=lambda form: _order(user, form),
        template="predictions/comparisons/new.html",
        context={"offered": offered},
    )
    return page.answer(request, Prefill.of(request))


@never_cache
@login_required
@require_safe
@vary_on_headers("HX-Request")
def detail(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while parts are pending or unexplained."""
    comparison = get_comparison_or_404(current_user(request), pk)
    polled = bool(request.htmx)
    # A poll of another tab does not take the draft that this page has to show.
    draft = None if polled else form_drafts.pop(request)
    context = comparison_context(comparison, Polling.of(request), draft) | {"polled": polled}
    if polled and request.GET.get("seen") == context["progress"].state:
        return HttpResponse(status=204)
    template = "predictions/comparisons/_parts.html" if polled else "predictions/comparisons/detail.html"
    return render(request, template, context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the label of the comparison and its parts."""
    comparison = get_comparison_or_404(current_user(request), pk)
    return change_label(
        request,
        rename=lambda label: rename_comparison(comparison, label),
        page=reverse("predictions:comparison", args=[pk]),
        template="predictions/comparisons/detail.html",
        context=lambda: comparison_context(comparison),
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A POST cancels; a GET, such as the redirect after a login, only shows the comparison."""
    if request.method == "POST":
        try:
            refunded = cancel_comparison(get_comparison_or_404(current_user(request), pk))
        except NotCancelable:
            messages.error(request, _("Too late to cancel: the calculation has already started or finished."))
        else:
            text = _("Order canceled. %(price)s refunded to your balance.")
            messages.success(request, text % {"price": format_money(refunded)})
    return redirect("predictions:comparison", pk=pk)


def _quote() -> Quote | None:
    try:
        return quote()
    except ModelUnavailable:
        return None


def _order(user: User, form: ComparisonForm) -> str:
    """Return the address of the ordered comparison. Raises what `order_comparison` raises."""
    comparison = order_comparison(
        user=user,
        applicant=form.applicant,
        request_key=request_key_of(form.cleaned_data["request_key"]),
        agreed_price=form.agreed_price,
        label=form.cleaned_data["label"],
    )
    return page_of(comparison)
