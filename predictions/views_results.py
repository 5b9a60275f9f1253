"""A bought result: live status, explanation, what if, curves, the cut, check again."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.models import User
from accounts.throttling import TooManyAttempts
from predictions import charts, explaining, exploring, tasks
from predictions.access import prediction_of
from predictions.forms_results import CutForm, WhatIfForm
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME
from predictions.scoring.what_if import CURVE_FIELDS
from predictions.texts import range_warnings

# What a question can be refused for, when every value in it is right.
REFUSALS = (TooManyAttempts, exploring.ArtifactGone)
# A curve's table shows about so many of its points.
ROWS = 12


@never_cache
@login_required
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the job runs."""
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    polled = bool(request.headers.get("HX-Request"))
    if polled and request.GET.get("seen") == prediction.status:
        # Nothing new: the page stays as it is, and a screen reader is not told the same again.
        return HttpResponse(status=204)
    context = _everything(prediction) | {"polled": polled}
    if "curves" in request.GET:
        context |= {"curves": _curves(user, prediction)}
    response = render(request, f"predictions/{'_result' if polled else 'detail'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@login_required
@require_safe
def explanation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the page asks for while the explanation is being worked out."""
    prediction = prediction_of(signed_in(request), pk)
    if not _asks(request, prediction):
        return _back(prediction, "explanation")
    explained = _explained(prediction)
    if explained["state"] == "waiting":
        return HttpResponse(status=204)
    context = {"prediction": prediction, "explained": explained}
    return render(request, "predictions/_explanation.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    if not _posted(request, prediction):
        return _back(prediction, "what-if")
    form = WhatIfForm(prediction.facts, request.POST)
    context: dict[str, Any] = {"form": form, "status": 422}
    if form.is_valid():
        try:
            answer = exploring.what_if(user, prediction, form.changes)
        except REFUSALS as refusal:
            context |= _refused(refusal)
        else:
            change = answer.approval_probability - (prediction.approval_probability or 0)
            known = range_warnings(prediction.facts)
            warnings = [warning for warning in range_warnings(answer.applicant) if warning not in known]
            context |= {"answer": answer, "change": change, "warnings": warnings, "status": 200}
    return _answered(request, prediction, "what_if", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def cut(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    if not _posted(request, prediction):
        return _back(prediction, "cut")
    form = CutForm(request.POST)
    context: dict[str, Any] = {"form": form, "status": 422}
    if form.is_valid():
        goal = float(form.cleaned_data["goal"]) / 100
        try:
            found = exploring.smallest_cut(user, prediction, goal)
        except REFUSALS as refusal:
            context |= _refused(refusal)
        else:
            context |= {"found": found, "goal": goal, "status": 200}
    return _answered(request, prediction, "cut", context)


@never_cache
@login_required
@require_safe
def curves(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    if not _asks(request, prediction):
        return _back(prediction, "curves")
    context = {"prediction": prediction, "curves": _curves(user, prediction)}
    return render(request, "predictions/_curves.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = signed_in(request)
    prediction = prediction_of(user, pk)
    if not _posted(request, prediction):
        return _back(prediction, "check")
    try:
        context = {"checked": exploring.check_again(user, prediction), "at": timezone.now(), "status": 200}
    except REFUSALS as refusal:
        context = _refused(refusal)
    return _answered(request, prediction, "check", context)


def _posted(request: HttpRequest, prediction: Prediction) -> bool:
    """Whether there is a question, and a result to ask it of."""
    return request.method == "POST" and prediction.status == Prediction.Status.SUCCEEDED


def _asks(request: HttpRequest, prediction: Prediction) -> bool:
    return bool(request.headers.get("HX-Request")) and prediction.status == Prediction.Status.SUCCEEDED


def _back(prediction: Prediction, part: str) -> HttpResponse:
    return redirect(f"{reverse('predictions:detail', args=[prediction.pk])}#{part}")


def _everything(prediction: Prediction) -> dict[str, Any]:
    """All that the page of a result shows before anybody asks anything."""
    context: dict[str, Any] = {
        "prediction": prediction,
        "facts": [(field, prediction.facts[field.name]) for field in FIELDS],
        "warnings": range_warnings(prediction.facts),
    }
    if prediction.approval_probability is not None:
        goal = CutForm.first_goal(prediction.approval_probability)
        context |= {
            "explained": _explained(prediction),
            "what_if": {"form": WhatIfForm(prediction.facts)},
            "cut": {"form": CutForm(initial={"goal": goal})},
        }
    return context


def _explained(prediction: Prediction) -> dict[str, Any]:
    """The explanation, or where it stands; asks for one that is missing."""
    explanation = explaining.explanation_of(prediction)
    if explanation is None:
        tasks.ask_for_explanation(prediction)
    failed = explanation is None and explaining.has_failed(prediction)
    state = "ready" if explanation else "failed" if failed else "waiting"
    return {"state": state, "explanation": explanation}


def _curves(user: User, prediction: Prediction) -> dict[str, Any]:
    """`drawn`: (field, own value, chart, first, last, some points) for each; or `trouble` in words."""
    drawn = []
    for name in CURVE_FIELDS:
        try:
            points = exploring.curve(user, prediction, name)
        except REFUSALS as refusal:
            return _refused(refusal)
        own = prediction.facts[name]
        chart = charts.line(
            [(point.value, point.approval_probability) for point in points],
            own if isinstance(own, int | float) else None,
            logarithmic=name == "person_income",
        )
        some = [p for i, p in enumerate(points) if i % (len(points) // ROWS + 1) == 0 or p.value == own]
        drawn.append((FIELDS_BY_NAME[name], own, chart, points[0].value, points[-1].value, some))
    return {"drawn": drawn}


def _answered(
    request: HttpRequest, prediction: Prediction, part: str, context: dict[str, Any]
) -> HttpResponse:
    """The answer alone for htmx, otherwise the whole page with the answer in its place."""
    if request.headers.get("HX-Request"):
        here = {"prediction": prediction, part: context, "polled": True}
        response = render(request, f"predictions/_{part}_answer.html", here, status=context["status"])
    else:
        page = _everything(prediction) | {part: context}
        response = render(request, "predictions/detail.html", page, status=context["status"])
    if "retry_after" in context:
        response["Retry-After"] = str(context["retry_after"])
    patch_vary_headers(response, ["HX-Request"])
    return response


def _refused(refusal: Exception) -> dict[str, Any]:
    if isinstance(refusal, TooManyAttempts):
        text = ngettext(
            "You are asking faster than we work it out. Try again in %(seconds)s second.",
            "You are asking faster than we work it out. Try again in %(seconds)s seconds.",
            refusal.retry_after,
        ) % {"seconds": refusal.retry_after}
        return {"trouble": text, "status": 429, "retry_after": refusal.retry_after}
    return {"trouble": _("The model version that made this result cannot be used now."), "status": 503}
