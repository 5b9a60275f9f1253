"""The history: a customer's predictions, filtered and sorted, as a page and as CSV."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import current_user
from billing.money import to_text
from billing.pagination import site_page
from predictions.models import Prediction, PredictionQuerySet
from predictions.scoring.schema import FIELD_NAMES
from predictions.site.csv_files import csv_response, utc_text
from predictions.site.forms.history import HistoryFilterForm

_CSV_SOURCES = (
    *("id", "label", "created_at", "finished_at", "model__slug", "model_version", "status"),
    *("approval_probability", "price", "charge__reversal", "comparison_id", "failure", "applicant"),
)
CSV_COLUMNS = (
    *("id", "label", "created_at", "finished_at", "model", "model_version", "status"),
    *("approval_probability", "default_probability", "price", "currency", "charge", "comparison", "failure"),
    *FIELD_NAMES,
)


@never_cache
@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    form, matching = _filtered(request)
    order = form.chosen_sort.order
    # The index has all columns of the filters, so only the rows of this page are read from the table.
    page = site_page(matching.only(order.column), request, order)
    keys = [row.pk for row in page.rows]
    predictions = Prediction.objects.with_links().in_bulk(keys)
    query = request.GET.copy()
    query.pop("cursor", None)
    context = {
        "filter": form,
        "rows": [predictions[key] for key in keys],
        "next": page.next,
        "previous": page.previous,
        "caption": form.chosen_sort.caption,
        "by_age": order.descending and not form.of_results,
        "query": query.urlencode(),
        "active": [(title, value, _without(request, name)) for name, title, value in form.active],
    }
    return render(request, "predictions/history.html", context)


@never_cache
@login_required
@require_safe
def history_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The history with the same filters and order as CSV. Raises `Http404` for an invalid filter."""
    form, matching = _filtered(request)
    if not form.is_valid():
        # A file without the invalid filter could be mistaken for the filtered one.
        raise Http404
    rows = form.chosen_sort.order.sorted(matching)
    return csv_response(current_user(request), "predictions.csv", CSV_COLUMNS, _cells(rows))


def _filtered(request: HttpRequest) -> tuple[HistoryFilterForm, PredictionQuerySet]:
    form = HistoryFilterForm(request.GET)
    form.is_valid()
    return form, form.narrow(Prediction.objects.of(current_user(request)))


def _without(request: HttpRequest, name: str) -> str:
    """Return the address of the list without the filter `name`."""
    query = request.GET.copy()
    for parameter in (name, "cursor"):
        query.pop(parameter, None)
    return f"{request.path}?{query.urlencode()}"


def _cells(rows: PredictionQuerySet) -> Iterator[list[object]]:
    """Yield the rows of the CSV file. Reads columns: model instances would take three times as long."""
    for row in rows.values_list(*_CSV_SOURCES).iterator():
        key, label, ordered, finished, *sold, probability, price, reversal, comparison, failure, facts = row
        yield [
            key,
            label,
            utc_text(ordered),
            utc_text(finished),
            *sold,
            probability,
            None if probability is None else 1 - probability,
            to_text(price),
            settings.CURRENCY,
            "refunded" if reversal else "charged",
            comparison,
            failure,
            *(facts[name] for name in FIELD_NAMES),
        ]
