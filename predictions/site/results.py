"""The page of a prediction: its status, label and explanation."""

import uuid
from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import form_drafts
from accounts.polling import Polling
from accounts.requests import FragmentRequest, current_user
from predictions.models import Prediction
from predictions.orders.labels import rename_prediction
from predictions.selectors import get_prediction_or_404
from predictions.site.labels import change_label
from predictions.site.result_context import (
    curves_context,
    explanation_section,
    is_fragment_request,
    next_steps_context,
    poll_state,
    redirect_to_section,
    result_context,
)


@never_cache
@login_required
@require_safe
@vary_on_headers("HX-Request")
def detail(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the prediction is pending."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    polled = bool(request.htmx)
    if polled and request.GET.get("seen") == poll_state(prediction):
        # Nothing has changed: with 204 htmx leaves the page alone, and screen readers do not repeat it.
        return HttpResponse(status=204)
    # A poll of another tab does not take the draft that this page has to show.
    draft = {} if polled else form_drafts.pop(request)
    context = result_context(prediction, draft) | {"polled": polled}
    if "curves" in request.GET and prediction.status == Prediction.Status.SUCCEEDED:
        context |= {"curves": curves_context(user, prediction)}
    if "steps" in request.GET and prediction.status == Prediction.Status.SUCCEEDED:
        context |= {"next_steps": next_steps_context(user, prediction)}
    return render(request, "predictions/_result.html" if polled else "predictions/detail.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the label of the prediction."""
    prediction = get_prediction_or_404(current_user(request), pk)
    return change_label(
        request,
        rename=lambda label: rename_prediction(prediction, label),
        page=reverse("predictions:detail", args=[pk]),
        template="predictions/detail.html",
        context=lambda: result_context(prediction),
    )


@never_cache
@login_required
@require_safe
def explanation(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """The explanation section, which the page polls until it is computed; 204 if nothing has changed."""
    prediction = get_prediction_or_404(current_user(request), pk)
    if not is_fragment_request(request, prediction):
        return redirect_to_section(prediction, "explanation")
    section = explanation_section(prediction, Polling.of(request))
    told = request.GET.get("seen", "").partition(".")[0]
    if section.state == "waiting" and told in ("late", "limited"):
        # What the page has said is not taken back.
        section = replace(section, state=told)
    if section.seen == request.GET.get("seen"):
        return HttpResponse(status=204)
    context = {"prediction": prediction, "explained": section}
    return render(request, "predictions/_explanation.html", context)
