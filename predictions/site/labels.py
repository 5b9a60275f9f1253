"""Changes the label of a prediction or a comparison, for both pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from predictions.site.forms.applicant import LabelForm


def change_label(
    request: HttpRequest,
    *,
    rename: Callable[[str], None],
    page: str,
    template: str,
    context: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """Rename and redirect to the address `page`, or show `template` with the form's errors.

    A GET, such as the redirect after a login, only redirects to `page`.
    """
    if request.method != "POST":
        return redirect(page)
    form = LabelForm(request.POST)
    if not form.is_valid():
        return render(request, template, context() | {"renaming": form, "renamed_now": True}, status=422)
    label = form.cleaned_data["label"]
    rename(label)
    messages.success(request, _("Label saved.") if label else _("Label removed."))
    return redirect(page)
