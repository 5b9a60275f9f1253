"""The history: a customer's predictions, filtered and sorted."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.pagination import site_page
from accounts.requests import current_user
from predictions.models import Prediction, PredictionQuerySet, policy_of
from predictions.selectors import owned
from predictions.site.forms.history import HistoryFilterForm


@never_cache
@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    form, matching = filtered_history(request)
    order = form.chosen_sort.order
    # The index has all columns of the filters, so only the rows of this page are read from the table.
    page = site_page(matching.only(order.column), request, order)
    keys = [row.pk for row in page.rows]
    predictions = Prediction.objects.with_links().in_bulk(keys)
    query = request.GET.copy()
    query.pop("cursor", None)
    context = {
        "filter": form,
        "rows": owned(current_user(request), [predictions[key] for key in keys]),
        "next": page.next,
        "previous": page.previous,
        "caption": form.chosen_sort.caption,
        "by_age": order.descending and not form.of_results,
        "query": query.urlencode(),
        "active": [(title, value, _without(request, name)) for name, title, value in form.active],
    }
    return render(request, "predictions/history.html", context)


def filtered_history(request: HttpRequest) -> tuple[HistoryFilterForm, PredictionQuerySet]:
    """Return the form with the filters of the request, and the customer's predictions that match it."""
    user = current_user(request)
    form = HistoryFilterForm(request.GET, policy=policy_of(user))
    form.is_valid()
    return form, form.narrow(Prediction.objects.of(user))


def _without(request: HttpRequest, name: str) -> str:
    """Return the address of the list without the filter `name`."""
    query = request.GET.copy()
    for parameter in (name, "cursor"):
        query.pop(parameter, None)
    return f"{request.path}?{query.urlencode()}"
