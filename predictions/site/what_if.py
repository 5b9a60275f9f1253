"""Sections of a result page: what-if, loan reduction, curves, verification."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.errors import CustomerError
from accounts.models import User
from accounts.requests import FragmentRequest, current_user
from predictions.formats.applicants import range_warnings
from predictions.formats.model_cards.texts import field_label
from predictions.formats.numbers import shown_difference
from predictions.models import Prediction
from predictions.results.what_if import ask_what_if, smallest_reduction, verify
from predictions.scoring.parsing import InvalidApplicant
from predictions.selectors import get_prediction_or_404
from predictions.site.forms.results import LoanReductionForm, WhatIfForm
from predictions.site.result_context import (
    curves_context,
    free_answers,
    is_fragment_request,
    next_steps_context,
    redirect_to_section,
    refusal_context,
    result_context,
)

Answer = Callable[[HttpRequest, User, Prediction], dict[str, Any]]


def section(
    name: str, fragment: str
) -> Callable[[Answer], Callable[[FragmentRequest, uuid.UUID], HttpResponse]]:
    """Decorator that makes a view of the function which answers the form of a result's section.

    The function returns the context of the section with a `status`. htmx gets the template `fragment`, and
    other clients the whole page. A GET, such as the redirect after a login, and a prediction without a result
    lead to the section.
    """

    def decorate(answer: Answer) -> Callable[[FragmentRequest, uuid.UUID], HttpResponse]:
        @never_cache
        @login_required
        @require_http_methods(["GET", "POST"])
        @vary_on_headers("HX-Request")
        @wraps(answer)
        def view(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
            user = current_user(request)
            prediction = get_prediction_or_404(user, pk)
            if request.method != "POST" or prediction.status != Prediction.Status.SUCCEEDED:
                return redirect_to_section(prediction, name)
            context = answer(request, user, prediction)
            return _render(request, prediction, name.replace("-", "_"), fragment, context)

        return view

    return decorate


@section("what-if", "predictions/_what_if.html#answer")
def what_if(request: HttpRequest, user: User, prediction: Prediction) -> dict[str, Any]:
    """Show the probability after the changes in the form."""
    form = WhatIfForm(prediction.facts, request.POST)
    context: dict[str, Any] = {"form": form, "status": 422}
    if not form.is_valid():
        return context
    try:
        answer = ask_what_if(user, prediction, form.changes)
    except InvalidApplicant as invalid:
        form.add_problems(invalid)
        return context
    except CustomerError as refusal:
        return context | refusal_context(refusal)
    change = shown_difference(prediction.approval_probability or 0, answer.approval_probability)
    shown = range_warnings(prediction.facts)
    warnings = [warning for warning in range_warnings(answer.applicant) if warning not in shown]
    certain = [field_label(name) for name in answer.certain]
    return context | {
        "answer": answer,
        "change": change,
        "certain": certain,
        "warnings": warnings,
        "status": 200,
    }


@section("loan-reduction", "predictions/_loan_reduction.html#answer")
def loan_reduction(request: HttpRequest, user: User, prediction: Prediction) -> dict[str, Any]:
    """Show the smallest reduction of the loan that reaches the goal in the form."""
    form = LoanReductionForm(request.POST)
    context: dict[str, Any] = {"form": form, "status": 422}
    if not form.is_valid():
        return context
    goal = form.cleaned_data["goal"]
    try:
        reduction = smallest_reduction(user, prediction, float(goal) / 100)
    except CustomerError as refusal:
        return context | refusal_context(refusal)
    return context | {"found": reduction, "goal": goal, "status": 200}


@section("verification", "predictions/_verification.html#answer")
def verification(request: HttpRequest, user: User, prediction: Prediction) -> dict[str, Any]:
    """Score the stored facts again and show both numbers."""
    try:
        return {"verified": verify(user, prediction), "at": timezone.now(), "status": 200}
    except CustomerError as refusal:
        return refusal_context(refusal)


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
@require_safe
def next_steps(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """Return the section with what would move the probability, which htmx requests with the page."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    if not is_fragment_request(request, prediction):
        return redirect_to_section(prediction, "next-steps")
    context = {"prediction": prediction, "next_steps": next_steps_context(user, prediction)}
    return render(request, "predictions/_next_steps.html", context)


def _render(
    request: FragmentRequest, prediction: Prediction, section: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """Return the template `fragment` for htmx, otherwise the whole page with the answer in its section."""
    if request.htmx:
        page = {"prediction": prediction, section: context, "polled": True, "free": free_answers(prediction)}
        response = render(request, fragment, page, status=context["status"])
    else:
        page = result_context(prediction) | {section: context}
        response = render(request, "predictions/detail.html", page, status=context["status"])
    if context.get("retry_after"):
        response["Retry-After"] = str(context["retry_after"])
    return response
