"""All models on one applicant: the order, and its page."""

import time
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import interrupted
from accounts.access import signed_in
from accounts.interrupted import login_or_keep
from billing import services as billing
from billing.templatetags.money import money
from predictions import agreement, comparing, explaining, monitor, ordering, tasks
from predictions.access import comparison_of
from predictions.catalog import ModelUnavailable
from predictions.forms.applicant import TYPED_WITH_LABEL
from predictions.forms.comparisons import ComparisonForm
from predictions.forms.labels import LabelForm
from predictions.labeling import rename_comparison
from predictions.models import Comparison, Prediction
from predictions.scoring.schema import FIELDS
from predictions.texts import range_warnings
from predictions.views import prefill
from predictions.views.labels import answer_label
from predictions.views.refusals import REFUSALS, refuse
from predictions.views.result_page import takes_long, waited_since


@never_cache
@login_or_keep(*TYPED_WITH_LABEL)
@require_http_methods(["GET", "POST"])
def new_comparison(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    kept = interrupted.take(request)
    first = kept or prefill.first_facts(request, prefill.earlier_order(request))
    form = ComparisonForm(sent, initial={"request_key": billing.new_request_key()} | first)
    status = 422 if form.errors else 200
    if form.is_valid():
        outcome = _order(request, form)
        if isinstance(outcome, Comparison):
            return redirect("predictions:comparison", pk=outcome.pk)
        status = outcome
    context = prefill.form_context(request, form, kept, status)
    return render(request, "comparisons/new.html", context | {"offered": _quote()}, status=status)


def _quote() -> comparing.Quote | None:
    try:
        return comparing.quote()
    except ModelUnavailable:
        return None


def _order(request: HttpRequest, form: ComparisonForm) -> Comparison | int:
    """The ordered comparison, or the HTTP status of a refusal whose reason is among the form's errors."""
    try:
        return comparing.order_comparison(
            user=signed_in(request),
            applicant=form.applicant,
            request_key=f"form:{form.cleaned_data['request_key']}",
            agreed_price=form.agreed_price,
            label=form.cleaned_data["label"],
        )
    except REFUSALS as refusal:
        return refuse(form, refusal)


@never_cache
@login_required
@require_safe
def comparison(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the jobs run and are explained."""
    found = comparison_of(signed_in(request), pk)
    polled = bool(request.headers.get("HX-Request"))
    context = _context(found, waited_since(request)) | {"polled": polled}
    if polled and request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    response = render(request, f"comparisons/{'_parts' if polled else 'detail'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@login_or_keep("label")
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give the comparison and its parts another label."""
    found = comparison_of(signed_in(request), pk)
    return answer_label(
        request,
        lambda wanted: rename_comparison(found, wanted),
        reverse("predictions:comparison", args=[pk]),
        "comparisons/detail.html",
        lambda: _context(found, waited_since(request)),
    )


@never_cache
@login_or_keep()
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Only a POST cancels; who comes back from the log-in finds the order, and its button."""
    if request.method == "POST":
        try:
            refunded = comparing.cancel_comparison(comparison_of(signed_in(request), pk))
        except ordering.NotCancelable:
            messages.error(request, _("It is too late to cancel: the models have begun."))
        else:
            text = _("Canceled; %(price)s are back on your balance.") % {"price": money(refunded)}
            messages.success(request, text)
    return redirect("predictions:comparison", pk=pk)


def _context(found: Comparison, since: int | None) -> dict[str, Any]:
    parts = list(found.predictions.all())
    aligned = agreement.aligned(parts)
    pending = [part for part in parts if part.is_pending]
    queued = [part for part in pending if part.status == Prediction.Status.QUEUED]
    unexplained = [part for part in parts if _wants_explanation(part)]
    since = since or int(time.time())
    asked = tasks.ask_for_explanations(unexplained)
    late = any(map(monitor.is_late, pending))
    # The explanations follow the results: without these nobody waits for them yet.
    unexplainable = bool(unexplained) and not pending and (not asked or takes_long(since))
    marks = ["late"] * late + ["unexplainable"] * unexplainable
    return {
        "comparison": found,
        "parts": parts,
        "price": sum(part.price for part in parts),
        "running": bool(pending),
        "scored": any(part.status == Prediction.Status.SUCCEEDED for part in parts),
        "untouched": len(queued) == len(parts),
        # Those on the house have no price to come back.
        "cancelable": any(not part.is_refunded for part in queued),
        "late": late,
        "settled_by": max(map(monitor.settled_by, pending), default=None),
        "waiting": bool(unexplained),
        "unexplainable": unexplainable,
        "since": since,
        "seen": ".".join([*(part.status for part in parts), str(len(unexplained)), *marks]),
        "agreement": agreement.agreement_of(parts),
        "aligned": aligned,
        "refunded": sum(part.price for part in parts if part.is_refunded),
        "facts": [(field, found.applicant[field.name]) for field in FIELDS],
        "warnings": range_warnings(found.applicant),
        "renaming": LabelForm(initial={"label": found.label}),
    }


def _wants_explanation(part: Prediction) -> bool:
    missing = part.status == Prediction.Status.SUCCEEDED and explaining.explanation_of(part) is None
    return missing and not explaining.has_failed(part)
