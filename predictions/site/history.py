"""The history: a customer's predictions, filtered and sorted."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.pagination import site_page
from accounts.requests import current_user
from predictions.formats.numbers import number
from predictions.models import Prediction, PredictionQuerySet, policy_of
from predictions.selectors import owned
from predictions.site.forms.history import HistoryFilterForm
from predictions.site.selected import selected_ids

MAX_COUNTED = 1_000
# Heads of columns, what they sort by, and the sort orders downward and upward.
SORTED_HEADS = (
    ("ordered", "created_at", ("newest", "oldest")),
    ("probability", "approval_probability", ("highest", "lowest")),
)


@never_cache
@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    form, matching = filtered_history(request)
    order = form.chosen_sort.order
    # The index has all columns of the filters, so only the rows of this page are read from the table.
    listed = matching.only(order.column, "comparison")
    # The parts of a comparison that are neighbors are one row, which no page's end cuts.
    page = site_page(listed, request, order, together="comparison_id")
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
        "count": _count(matching),
        "sorted": _sort_links(request, form),
        "active": [(title, value, _without(request, name)) for name, title, value in form.active],
    }
    return render(request, "predictions/history.html", context)


def filtered_history(request: HttpRequest) -> tuple[HistoryFilterForm, PredictionQuerySet]:
    """Return the form with the filters of the request, and the customer's predictions that match it."""
    user = current_user(request)
    form = HistoryFilterForm(request.GET, policy=policy_of(user))
    form.is_valid()
    matching = form.narrow(Prediction.objects.of(user))
    if "id" in request.GET:
        # Those that were ticked.
        matching = matching.filter(pk__in=selected_ids(request))
    return form, matching


def _count(matching: PredictionQuerySet) -> str:
    """Return how many match, counted as far as `MAX_COUNTED`: a million rows are not counted for a page."""
    found = matching.order_by()[: MAX_COUNTED + 1].count()
    if found > MAX_COUNTED:
        return _("more than %(count)s predictions") % {"count": number(MAX_COUNTED)}
    return ngettext("%(count)s prediction", "%(count)s predictions", found) % {"count": number(found)}


def _sort_links(request: HttpRequest, form: HistoryFilterForm) -> dict[str, tuple[str, str]]:
    """Return for each column that sorts its `aria-sort` of now, and the address that sorts by it next."""
    order = form.chosen_sort.order
    links = {}
    for name, column, (down, up) in SORTED_HEADS:
        query = request.GET.copy()
        query.pop("cursor", None)
        current = order.column == column
        query["sort"] = up if current and order.descending else down
        direction = "descending" if order.descending else "ascending"
        links[name] = (direction if current else "none", f"{request.path}?{query.urlencode()}")
    return links


def _without(request: HttpRequest, name: str) -> str:
    """Return the address of the list without the filter `name`."""
    query = request.GET.copy()
    for parameter in (name, "cursor"):
        query.pop(parameter, None)
    return f"{request.path}?{query.urlencode()}"
