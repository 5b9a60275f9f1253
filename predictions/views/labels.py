"""Giving a prediction or a comparison another label: both pages answer alike."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import interrupted
from predictions.forms.labels import LabelForm


def answer_label(
    request: HttpRequest,
    rename: Callable[[str], None],
    page: str,
    template: str,
    context: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """Rename and go back to the address `page`; or show `template`, with what is wrong in the form."""
    form, wanted = _asked(request)
    if wanted is not None:
        rename(wanted)
        messages.success(request, _("The label is saved.") if wanted else _("The label is removed."))
    elif form:
        shown = context() | {"renaming": form, "renamed_now": True}
        return render(request, template, shown, status=422 if form.errors else 200)
    return redirect(page)


def _asked(request: HttpRequest) -> tuple[LabelForm | None, str | None]:
    """`(form, label)`: a form to show in the page, with what is wrong in it or was typed before the
    session ended; or a label that is right; or neither.
    """
    if request.method == "POST":
        form = LabelForm(request.POST)
        return (None, form.cleaned_data["label"]) if form.is_valid() else (form, None)
    kept = interrupted.take(request)
    return (LabelForm(initial=kept) if kept else None), None
