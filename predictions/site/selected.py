"""What is done with rows that were ticked in the history: compared, downloaded, labeled."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import current_user
from predictions.formats.charts.suns import together
from predictions.models import Prediction
from predictions.orders.labels import rename_prediction
from predictions.scoring.schema import FIELDS, Field, Value
from predictions.selectors import owned
from predictions.site.forms.applicant import LabelForm

# More rows than a page of the history has; more suns than have room for their names.
MAX_SELECTED, MAX_DRAWN = 100, 8


@dataclass(frozen=True)
class Difference:
    """A field in which the selected applications differ, and each of them with its value."""

    field: Field
    values: list[tuple[Prediction, Value]]


def selected_ids(request: HttpRequest) -> list[uuid.UUID]:
    """Return the ids in the query, without doubles and without what is no id, at most `MAX_SELECTED`."""
    found: dict[uuid.UUID, None] = {}
    # A row of a comparison stands for all its parts.
    for text in ",".join(request.GET.getlist("id")).split(","):
        try:
            found[uuid.UUID(text)] = None
        except ValueError:
            continue
    return list(found)[:MAX_SELECTED]


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def selected(request: HttpRequest) -> HttpResponse:
    """The ticked predictions side by side. A POST labels all of them."""
    user = current_user(request)
    keys = selected_ids(request)
    found = {row.pk: row for row in owned(user, Prediction.objects.of(user).with_links().filter(pk__in=keys))}
    rows = [found[key] for key in keys if key in found]
    if not rows:
        messages.info(request, _("Select predictions first."))
        return redirect("predictions:history")
    form = LabelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        for row in rows:
            rename_prediction(row, form.cleaned_data["label"])
        if form.cleaned_data["label"]:
            text = ngettext("%(count)s prediction labeled.", "%(count)s predictions labeled.", len(rows))
        else:
            text = _("Label removed.")
        messages.success(request, text % {"count": len(rows)})
        return redirect("predictions:history")
    context = {"rows": rows, "form": form, "query": request.GET.urlencode(), **_compared(rows)}
    return render(request, "predictions/selected.html", context, status=422 if form.errors else 200)


def _compared(rows: Sequence[Prediction]) -> dict[str, object]:
    """Return the drawing of the results, if they have room, and the fields in which they differ."""
    results = [
        (_name(number, row), row.approval_probability)
        for number, row in enumerate(rows, 1)
        if row.approval_probability is not None
    ]
    differences = [
        Difference(field, [(row, row.facts[field.name]) for row in rows])
        for field in FIELDS
        if len({row.facts[field.name] for row in rows}) > 1
    ]
    drawn = together(results, None) if 1 < len(results) <= MAX_DRAWN else None
    too_many = len(rows) > MAX_DRAWN
    return {"drawn": drawn, "differences": [] if too_many else differences, "too_many": too_many}


def _name(number: int, row: Prediction) -> str:
    return f"{number}. {row.label or row.model.name}"
