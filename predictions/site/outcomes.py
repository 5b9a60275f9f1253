"""Pages of outcomes: that of a prediction, files of them, and the backtest on a customer's own."""

import uuid
from collections.abc import Callable
from typing import Any, BinaryIO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import CustomerError, retry_text
from accounts.models import User
from accounts.requests import current_user
from accounts.throttling import Limit, TooManyAttempts, take
from predictions.batches.files import NotFinished as FileNotFinished
from predictions.batches.store import FilesDeleted
from predictions.formats.languages import in_language
from predictions.models import Comparison
from predictions.outcomes import backtest_tables, files
from predictions.outcomes.backtest import MIN_OF_EACH, Backtest, backtest, versions
from predictions.outcomes.imports import IMPORTS, Imported, import_batch_outcomes, import_outcomes
from predictions.outcomes.services import (
    report_comparison,
    report_outcome,
    withdraw_comparison,
    withdraw_outcome,
)
from predictions.results.what_if import NotFinished
from predictions.selectors import get_batch_or_404, get_comparison_or_404, get_prediction_or_404
from predictions.site.comparison_context import comparison_context
from predictions.site.csv_files import csv_attachment
from predictions.site.forms.outcomes import OutcomeFileForm, OutcomeForm
from predictions.site.result_context import redirect_to_section, result_context

# The others are told when these are mended.
SHOWN_PROBLEMS = 100
# Those of a million outcomes take seconds.
BACKTESTS = Limit("backtests", 30, 60)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def outcome(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A POST reports or changes the outcome; a GET, such as after a log-in, only shows the prediction."""
    user = current_user(request)
    prediction = get_prediction_or_404(user, pk)
    if request.method != "POST":
        return redirect_to_section(prediction, "outcome")
    form = OutcomeForm(request.POST)
    sent = form.cleaned_data if form.is_valid() else {}

    def report() -> None:
        report_outcome(prediction, sent["outcome"], sent["observed_on"], by=user)

    if not sent or not _reported(request, report, form):
        context = result_context(prediction, outcome_form=form)
        return render(request, "predictions/detail.html", context, status=422)
    return redirect_to_section(prediction, "outcome")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    prediction = get_prediction_or_404(current_user(request), pk)
    if request.method == "POST":
        withdraw_outcome(prediction, by=current_user(request))
        messages.success(request, _("Outcome withdrawn."))
    return redirect_to_section(prediction, "outcome")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def comparison(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Like `outcome`, for all parts of a comparison at once."""
    user = current_user(request)
    compared = get_comparison_or_404(user, pk)
    if request.method != "POST":
        return _to_comparison(compared)
    form = OutcomeForm(request.POST)
    sent = form.cleaned_data if form.is_valid() else {}

    def report() -> None:
        report_comparison(compared, sent["outcome"], sent["observed_on"], by=user)

    if not sent or not _reported(request, report, form):
        context = comparison_context(compared, None, outcome_form=form)
        return render(request, "predictions/comparisons/detail.html", context, status=422)
    return _to_comparison(compared)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def withdraw_of_comparison(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    compared = get_comparison_or_404(current_user(request), pk)
    if request.method == "POST":
        withdraw_comparison(compared, by=current_user(request))
        messages.success(request, _("Outcome withdrawn."))
    return _to_comparison(compared)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def outcomes(request: HttpRequest) -> HttpResponse:
    """The customer's outcomes by version, and the upload of a file."""
    user = current_user(request)
    context = {"versions": versions(user), "min_of_each": MIN_OF_EACH}
    return _file_page(request, context, lambda file: import_outcomes(file, by=user, of=user))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def batch_outcomes(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The upload of outcomes of a file's rows. 404 if it has no results."""
    user = current_user(request)
    batch = get_batch_or_404(user, pk)
    if not batch.done_rows or batch.is_open:
        raise Http404
    return _file_page(request, {"batch": batch}, lambda file: import_batch_outcomes(file, batch, by=user))


@require_safe
def template_csv(request: HttpRequest) -> HttpResponse:
    """A file to fill in; it is the same for everybody."""
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="creditscore-outcomes.csv"',
    }
    return HttpResponse(files.template(), headers=headers)


@never_cache
@login_required
@require_safe
def backtest_page(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    context = {"backtest": own_backtest(current_user(request), slug, version), "min_of_each": MIN_OF_EACH}
    return render(request, "predictions/outcomes/backtest.html", context)


@never_cache
@login_required
@require_safe
def backtest_csv(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    found = own_backtest(current_user(request), slug, version)
    name = f"backtest-{slug}-{version}.csv"
    return csv_attachment(name, backtest_tables.COLUMNS, backtest_tables.rows(found))


def own_backtest(user: User, slug: str, version: str) -> Backtest:
    """Return the backtest on the customer's outcomes. Raises `Http404` without any, `TooManyAttempts`."""
    for counts in versions(user):
        if (counts.model.slug, counts.version) == (slug, version):
            take(BACKTESTS, str(user.pk))
            return backtest(counts, user)
    raise Http404


def _reported(request: HttpRequest, report: Callable[[], None], form: OutcomeForm) -> bool:
    """Store what a valid form says, by `report`; False if it has an error now."""
    try:
        report()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    except NotFinished as error:
        raise Http404 from error
    messages.success(request, _("Outcome saved."))
    return True


def _to_comparison(compared: Comparison) -> HttpResponse:
    return redirect(f"{reverse('predictions:comparison', args=[compared.pk])}#outcome")


def _file_page(
    request: HttpRequest, context: dict[str, Any], store: Callable[[BinaryIO], Imported]
) -> HttpResponse:
    """Show the form; after a POST, with what `store` has made of its file."""
    if request.method == "GET":
        return _shown(request, context, OutcomeFileForm())
    form = OutcomeFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, context, form, 422)
    try:
        take(IMPORTS, str(current_user(request).pk))
        done = store(form.uploaded)
    except ValidationError as error:
        form.add_error(None, error)
        return _shown(request, context, form, 422)
    except CustomerError as refusal:
        form.add_error(None, _refusal_text(refusal))
        return _shown(request, context, form, refusal.status)
    if "versions" in context:
        context = context | {"versions": versions(current_user(request))}
    return _shown(request, context | _told(done), OutcomeFileForm())


def _told(done: Imported) -> dict[str, Any]:
    say = in_language()
    problems = [(found.line, found.field, found.text(say)) for found in done.problems[:SHOWN_PROBLEMS]]
    return {"done": done, "problems": problems, "more_problems": len(done.problems) > SHOWN_PROBLEMS}


def _shown(
    request: HttpRequest, context: dict[str, Any], form: OutcomeFileForm, status: int = 200
) -> HttpResponse:
    name = "predictions/outcomes/batch.html" if "batch" in context else "predictions/outcomes/outcomes.html"
    return render(request, name, context | {"form": form}, status=status)


def _refusal_text(refusal: CustomerError) -> str:
    """Return why a file was not taken. Raises `refusal` if it has no text."""
    match refusal:
        case TooManyAttempts():
            return " ".join([_("Too many files."), retry_text(refusal.retry_after)])
        case FileNotFinished() | FilesDeleted():
            return _("The results of this file are not kept any more.")
    raise refusal
