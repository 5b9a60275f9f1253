"""Sections of a result page: what-if, loan reduction, curves, verification."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.errors import CustomerError
from accounts.requests import FragmentRequest, current_user
from predictions.formats.applicants import range_warnings
from predictions.formats.numbers import shown_difference
from predictions.models import Prediction
from predictions.results.what_if import ask_what_if, smallest_reduction, verify
from predictions.scoring.parsing import InvalidApplicant
from predictions.selectors import get_prediction_or_404
from predictions.site.forms.results import LoanReductionForm, WhatIfForm
from predictions.site.result_context import (
    curves_context,
    is_fragment_request,
    redirect_to_section,
    refusal_context,
    result_context,
)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def what_if(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the probability after the changes in the form."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    if not _can_answer(request, prediction):
        return redirect_to_section(prediction, "what-if")
    form = WhatIfForm(prediction.facts, request.POST)
    context: dict[str, Any] = {"form": form, "status": 422}
    if form.is_valid():
        try:
            answer = ask_what_if(user, prediction, form.changes)
        except InvalidApplicant as invalid:
            form.add_problems(invalid)
        except CustomerError as refusal:
            context |= refusal_context(refusal)
        else:
            original = prediction.approval_probability or 0
            change = shown_difference(original, answer.approval_probability)
            shown = range_warnings(prediction.facts)
            warnings = [warning for warning in range_warnings(answer.applicant) if warning not in shown]
            context |= {"answer": answer, "change": change, "warnings": warnings, "status": 200}
    return _answer(request, prediction, "what_if", "predictions/_what_if.html#answer", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def loan_reduction(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the smallest reduction of the loan that reaches the goal in the form."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    if not _can_answer(request, prediction):
        return redirect_to_section(prediction, "loan-reduction")
    form = LoanReductionForm(request.POST)
    context: dict[str, Any] = {"form": form, "status": 422}
    if form.is_valid():
        goal = form.cleaned_data["goal"]
        try:
            reduction = smallest_reduction(user, prediction, float(goal) / 100)
        except CustomerError as refusal:
            context |= refusal_context(refusal)
        else:
            context |= {"found": reduction, "goal": goal, "status": 200}
    return _answer(request, prediction, "loan_reduction", "predictions/_loan_reduction.html#answer", context)


@never_cache
@login_required
@require_safe
def curves(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """Return the section with the curves, which htmx requests when it scrolls into view."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    if not is_fragment_request(request, prediction):
        return redirect_to_section(prediction, "curves")
    context = {"prediction": prediction, "curves": curves_context(user, prediction)}
    return render(request, "predictions/_curves.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def verification(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """Score the stored facts again and show both numbers."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    if not _can_answer(request, prediction):
        return redirect_to_section(prediction, "verification")
    try:
        context = {"verified": verify(user, prediction), "at": timezone.now(), "status": 200}
    except CustomerError as refusal:
        context = refusal_context(refusal)
    return _answer(request, prediction, "verification", "predictions/_verification.html#answer", context)


def _can_answer(request: FragmentRequest, prediction: Prediction) -> bool:
    """Return False for a GET, such as the redirect after a login, or for a prediction without a result."""
    return request.method == "POST" and prediction.status == Prediction.Status.SUCCEEDED


def _answer(
    request: FragmentRequest, prediction: Prediction, section: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """Return the template `fragment` for htmx, otherwise the whole page with the answer in its section."""
    if request.htmx:
        page = {"prediction": prediction, section: context, "polled": True}
        response = render(request, fragment, page, status=context["status"])
    else:
        page = result_context(prediction) | {section: context}
        response = render(request, "predictions/detail.html", page, status=context["status"])
    if context.get("retry_after"):
        response["Retry-After"] = str(context["retry_after"])
    return response
