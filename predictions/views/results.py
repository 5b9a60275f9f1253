"""A bought result: its live status, its label, and its explanation."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.interrupted import login_or_keep
from predictions.access import prediction_of
from predictions.labeling import rename_prediction
from predictions.views.labels import answer_label
from predictions.views.result_page import (
    asks,
    back,
    drawn_curves,
    everything,
    explained,
    seen,
    waited_since,
)


@never_cache
@login_required
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the job runs."""
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    polled = bool(request.headers.get("HX-Request"))
    if polled and request.GET.get("seen") == seen(prediction):
        # Nothing new: the page stays as it is, and a screen reader is not told the same again.
        return HttpResponse(status=204)
    context = everything(prediction) | {"polled": polled}
    if "curves" in request.GET:
        context |= {"curves": drawn_curves(user, prediction)}
    response = render(request, f"predictions/{'_result' if polled else 'detail'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@login_or_keep("label")
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give the prediction another label."""
    prediction = prediction_of(signed_in(request), pk)
    return answer_label(
        request,
        lambda wanted: rename_prediction(prediction, wanted),
        reverse("predictions:detail", args=[pk]),
        "predictions/detail.html",
        lambda: everything(prediction),
    )


@never_cache
@login_required
@require_safe
def explanation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the page asks for while the explanation is being worked out."""
    prediction = prediction_of(signed_in(request), pk)
    if not asks(request, prediction):
        return back(prediction, "explanation")
    part = explained(prediction, waited_since(request))
    if part["state"] == "waiting" or part["state"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    context = {"prediction": prediction, "explained": part}
    return render(request, "predictions/_explanation.html", context)
