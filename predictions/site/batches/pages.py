"""The list of files, the page of one, and what is done there."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.errors import CustomerError
from accounts.keyset import NEWEST_FIRST
from accounts.pagination import site_page
from accounts.polling import Polling
from accounts.requests import FragmentRequest, current_user
from accounts.throttling import Limit, take
from billing.money import format_money
from billing.services import InsufficientFunds
from predictions import catalog
from predictions.batches import files
from predictions.batches.files import NotFinished
from predictions.batches.store import FilesDeleted
from predictions.downloads import csv_download
from predictions.formats.languages import in_language
from predictions.models import Batch
from predictions.orders.batches import (
    NotDeletable,
    NotQuoted,
    QuoteExpired,
    VersionChanged,
    cancel_batch,
    confirm_batch,
    delete_batch,
    requote_batch,
)
from predictions.orders.labels import rename_batch
from predictions.orders.predictions import NotCancelable, PriceChanged
from predictions.orders.uploads import TooManyOpenFiles
from predictions.selectors import get_batch_or_404
from predictions.site.batches.context import batch_context, found_in, poll_state
from predictions.site.forms.batches import BatchFilterForm, SearchForm
from predictions.site.labels import change_label
from predictions.site.refusals import insufficient_funds_text

# A search reads the whole file, which takes seconds of the web server for the largest ones.
SEARCHES = Limit("file-searches", 20, 60)


@never_cache
@login_required
@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    form = BatchFilterForm(request.GET)
    form.is_valid()
    rows = form.narrow(Batch.objects.of(current_user(request))).with_progress()
    page = site_page(rows, request, NEWEST_FIRST)
    context = {
        "filter": form,
        "is_filtered": form.is_active,
        "rows": page.rows,
        "next": page.next,
        "previous": page.previous,
    }
    return render(request, "predictions/batches/list.html", context)


@never_cache
@login_required
@require_safe
@vary_on_headers("HX-Request")
def detail(request: FragmentRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the service works on the file."""
    batch = get_batch_or_404(current_user(request), pk)
    polled = bool(request.htmx)
    seen = request.GET.get("seen", "")
    # As long as something changes, the page asks as often as in the beginning.
    polling = Polling.of(request) if seen.rpartition(".")[0] == poll_state(batch) else Polling.begin()
    context = batch_context(batch, polling)
    if polled and seen == context["seen"]:
        return HttpResponse(status=204)
    search = SearchForm(request.GET)
    query = search.cleaned_data["q"] if search.is_valid() else ""
    context |= {"polled": polled, "search": search, "status": 200}
    if query and batch.has_results:
        take(SEARCHES, str(batch.user_id))
        context |= found_in(batch, query)
    template = "_batch.html" if polled else "detail.html"
    return render(request, f"predictions/batches/{template}", context, status=context["status"])


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A POST pays the price that the page has shown; a GET, such as after a log-in, only shows the file."""
    return _change(request, pk, lambda batch: confirm_batch(batch, agreed_price=_shown_price(request)))


@login_required
@require_http_methods(["GET", "POST"])
def quote(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A POST asks for the price of now."""
    return _change(request, pk, requote_batch)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the label of the file."""
    batch = get_batch_or_404(current_user(request), pk)
    return change_label(
        request,
        rename=lambda label: rename_batch(batch, label),
        page=reverse("predictions:batch", args=[pk]),
        template="predictions/batches/detail.html",
        context=lambda: batch_context(batch) | {"search": SearchForm()},
    )


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A POST deletes what is in the file; a GET, such as after a log-in, only shows it."""
    batch = get_batch_or_404(current_user(request), pk)
    if request.method == "POST":
        try:
            delete_batch(batch)
        except NotDeletable:
            messages.error(request, _("The file is in progress. Wait until it finishes, or cancel it."))
        else:
            messages.success(request, _("The rows and the results of the file are deleted."))
    return redirect("predictions:batch", pk=pk)


def _change(request: HttpRequest, pk: uuid.UUID, change: Callable[[Batch], object]) -> HttpResponse:
    """Change the file by a POST, and show it, with the reason if that was refused."""
    batch = get_batch_or_404(current_user(request), pk)
    if request.method == "POST":
        try:
            change(batch)
        except CustomerError as refusal:
            messages.error(request, _refusal_text(refusal))
    return redirect("predictions:batch", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    batch = get_batch_or_404(current_user(request), pk)
    if request.method == "POST":
        try:
            canceled = cancel_batch(batch)
        except NotCancelable:
            messages.error(request, _("Too late to cancel: the file has already been processed."))
        else:
            text = _("File canceled.")
            if refunded := canceled.refunded - batch.refunded:
                refund = _("%(price)s refunded to your balance.")
                text = " ".join([text, refund % {"price": format_money(refunded)}])
            messages.success(request, text)
    return redirect("predictions:batch", pk=pk)


@never_cache
@login_required
@require_safe
def results_csv(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """404 if there are no results."""
    user = current_user(request)
    batch = get_batch_or_404(user, pk)
    try:
        return csv_download(user, f"results-{pk}.csv", files.results(batch))
    except (NotFinished, FilesDeleted) as error:
        raise Http404 from error


@never_cache
@login_required
@require_safe
def errors_csv(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """404 if the file was not checked, or is deleted."""
    user = current_user(request)
    batch = get_batch_or_404(user, pk)
    try:
        return csv_download(user, f"errors-{pk}.csv", files.errors(batch, in_language()))
    except (NotFinished, FilesDeleted) as error:
        raise Http404 from error


def _shown_price(request: HttpRequest) -> int:
    """Return the price in the form; one that nobody has seen for a form without it."""
    text = request.POST.get("price", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1


def _refusal_text(refusal: CustomerError) -> str:
    """Return why the price was not paid. Raises `refusal` if it has no text."""
    match refusal:
        case InsufficientFunds():
            return insufficient_funds_text(refusal)
        case PriceChanged():
            text = _("The price has changed to %(price)s. Nothing was charged.")
            return text % {"price": format_money(refusal.price)}
        case QuoteExpired():
            return _("The price has expired. Nothing was charged.")
        case TooManyOpenFiles():
            return _("Too many files are open. Confirm or cancel one of them first.")
        case VersionChanged():
            return _(
                "Another version of the model is on sale now. Nothing was charged. Get the current price, or "
                "upload the file again."
            )
        case NotQuoted():
            return _("This file cannot be confirmed any more. Nothing was charged.")
        case catalog.ModelSwitchedOff() | catalog.ModelUnavailable():
            return _("This model is currently unavailable. Nothing was charged.")
    raise refusal
