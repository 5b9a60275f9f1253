"""A customer's predictions: found, sorted, and taken along as a file."""

from collections.abc import Iterator
from datetime import datetime

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
from predictions.site.csv_files import csv_response
from predictions.site.forms.history import HistoryFilterForm

READ = (
    *("id", "label", "created_at", "finished_at", "model__slug", "model_version", "status"),
    *("approval_probability", "price", "charge__reversal", "comparison_id", "failure", "applicant"),
)
COLUMNS = (
    *("id", "label", "created_at", "finished_at", "model", "model_version", "status"),
    *("approval_probability", "default_probability", "price", "currency", "charge", "comparison", "failure"),
    *FIELD_NAMES,
)


@never_cache
@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    form, wanted = _wanted(request)
    order = form.sort_of.order
    # The keys come out of an index that has all filters; only the rows of the page are read.
    page = site_page(wanted.only(order.column), request, order)
    keys = [row.pk for row in page.rows]
    found = Prediction.objects.with_links().in_bulk(keys)
    asked = request.GET.copy()
    asked.pop("cursor", None)
    context = {
        "filter": form,
        "rows": [found[key] for key in keys],
        "next": page.next,
        "previous": page.previous,
        "caption": form.sort_of.caption,
        "by_age": order.descending and not form.of_results,
        "query": asked.urlencode(),
        "active": [(title, value, _without(request, name)) for name, title, value in form.active],
    }
    return render(request, "predictions/history.html", context)


@never_cache
@login_required
@require_safe
def history_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All that the same query shows on the page, in the same order."""
    form, wanted = _wanted(request)
    if not form.is_valid():
        # A file of everything under a wrong filter would be taken for what was asked for.
        raise Http404
    rows = form.sort_of.order.sorted(wanted)
    return csv_response(current_user(request), "predictions.csv", COLUMNS, _cells(rows))


def _wanted(request: HttpRequest) -> tuple[HistoryFilterForm, PredictionQuerySet]:
    form = HistoryFilterForm(request.GET)
    form.is_valid()
    return form, form.narrow(Prediction.objects.of(current_user(request)))


def _without(request: HttpRequest, name: str) -> str:
    """The address of the list without this filter."""
    query = request.GET.copy()
    for gone in (name, "cursor"):
        query.pop(gone, None)
    return f"{request.path}?{query.urlencode()}"


def _cells(rows: PredictionQuerySet) -> Iterator[list[object]]:
    """Columns alone: rows as objects with their relatives would take three times as long."""
    for row in rows.values_list(*READ).iterator():
        key, label, ordered, finished, *sold, probability, price, reversal, comparison, failure, facts = row
        yield [
            key,
            label,
            _in_utc(ordered),
            _in_utc(finished),
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


def _in_utc(at: datetime | None) -> str | None:
    """As RFC 3339 writes it."""
    return at.isoformat().replace("+00:00", "Z") if at else None
