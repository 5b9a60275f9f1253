"""A customer's predictions, newest first."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from billing.pagination import NewestFirst, page_of
from predictions.forms.history import HistoryFilterForm
from predictions.models import Prediction


@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    predictions = Prediction.objects.of(signed_in(request)).with_links()
    form = HistoryFilterForm(request.GET)
    if form.is_valid():
        wanted = {name: value for name, value in form.cleaned_data.items() if value}
        predictions = predictions.filter(**wanted)
    context = page_of(predictions, request, NewestFirst())
    return render(request, "predictions/history.html", context | {"filter": form})
