"""What can be asked of a bought result: what if, curves, the cut, check again."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import interrupted
from accounts.access import signed_in
from accounts.interrupted import login_or_keep
from predictions import exploring
from predictions.access import prediction_of
from predictions.forms.results import CHANGEABLE, CutForm, WhatIfForm
from predictions.models import Prediction
from predictions.texts import range_warnings
from predictions.views.result_page import REFUSALS, asks, back, drawn_curves, everything, refused


@never_cache
@login_or_keep(*CHANGEABLE)
@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    question = _question(request, prediction)
    if question is None:
        return back(prediction, "what-if")
    form = WhatIfForm(prediction.facts, question)
    context: dict[str, Any] = {"form": form, "status": 422}
    if form.is_valid():
        try:
            answer = exploring.what_if(user, prediction, form.changes)
        except REFUSALS as refusal:
            context |= refused(refusal)
        else:
            change = answer.approval_probability - (prediction.approval_probability or 0)
            known = range_warnings(prediction.facts)
            warnings = [warning for warning in range_warnings(answer.applicant) if warning not in known]
            context |= {"answer": answer, "change": change, "warnings": warnings, "status": 200}
    return _answered(request, prediction, "what_if", context)


@never_cache
@login_or_keep("goal")
@require_http_methods(["GET", "POST"])
def cut(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    question = _question(request, prediction)
    if question is None:
        return back(prediction, "cut")
    form = CutForm(question)
    context: dict[str, Any] = {"form": form, "status": 422}
    if form.is_valid():
        goal = form.cleaned_data["goal"]
        try:
            found = exploring.smallest_cut(user, prediction, float(goal) / 100)
        except REFUSALS as refusal:
            context |= refused(refusal)
        else:
            context |= {"found": found, "goal": goal, "status": 200}
    return _answered(request, prediction, "cut", context)


@never_cache
@login_required
@require_safe
def curves(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    if not asks(request, prediction):
        return back(prediction, "curves")
    context = {"prediction": prediction, "curves": drawn_curves(user, prediction)}
    return render(request, "predictions/_curves.html", context)


@never_cache
@login_or_keep()
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    if _question(request, prediction) is None:
        return back(prediction, "check")
    try:
        context = {"checked": exploring.check_again(user, prediction), "at": timezone.now(), "status": 200}
    except REFUSALS as refusal:
        context = refused(refusal)
    return _answered(request, prediction, "check", context)


def _question(request: HttpRequest, prediction: Prediction) -> Mapping[str, Any] | None:
    """What was sent, now or before a log-in that came in between (asking is free); None without a
    question, or without a result to ask it of.
    """
    kept = interrupted.take(request)
    if prediction.status != Prediction.Status.SUCCEEDED:
        return None
    return request.POST if request.method == "POST" else kept or None


def _answered(
    request: HttpRequest, prediction: Prediction, part: str, context: dict[str, Any]
) -> HttpResponse:
    """The answer alone for htmx, otherwise the whole page with the answer in its place."""
    if request.headers.get("HX-Request"):
        here = {"prediction": prediction, part: context, "polled": True}
        response = render(request, f"predictions/_{part}_answer.html", here, status=context["status"])
    else:
        page = everything(prediction) | {part: context}
        response = render(request, "predictions/detail.html", page, status=context["status"])
    if "retry_after" in context:
        response["Retry-After"] = str(context["retry_after"])
    patch_vary_headers(response, ["HX-Request"])
    return response
