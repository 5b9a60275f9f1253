"""Shared by both order pages: initial values, placing the order, refusals."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import form_drafts
from accounts.errors import CustomerError
from accounts.requests import current_user
from billing.services import new_request_key
from predictions.models import Prediction
from predictions.scoring.parsing import InvalidApplicant
from predictions.scoring.schema import EXAMPLE
from predictions.selectors import get_prediction_or_404
from predictions.site.delays import backlog_text
from predictions.site.forms.applicant import ApplicantForm, as_initial
from predictions.site.refusals import refuse


@dataclass(frozen=True)
class Prefill:
    """The source of a form's initial values: a draft, the example, an earlier order, or none."""

    draft: dict[str, str]
    earlier: Prediction | None
    wants_example: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Prefill":
        """Raises `Http404` when `?from=` names no order of this user."""
        wants_example = "example" in request.GET
        return cls(
            draft=form_drafts.pop(request),
            earlier=None if wants_example else _earlier_order(request),
            wants_example=wants_example,
        )

    @property
    def values(self) -> dict[str, object]:
        """The initial values, with a new request key."""
        values: dict[str, object] = {}
        if self.draft:
            values = dict(self.draft)
        elif self.wants_example:
            values = as_initial(EXAMPLE)
        elif self.earlier:
            values = as_initial(self.earlier.facts) | {"label": self.earlier.label}
        return {"request_key": new_request_key()} | values

    @property
    def is_empty(self) -> bool:
        return not (self.draft or self.wants_example or self.earlier)


def order_page(
    request: HttpRequest,
    *,
    form: ApplicantForm,
    prefill: Prefill,
    place: Callable[[], str],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Redirect to the address that `place` returns for a valid form, or show the form with its errors."""
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            return redirect(place())
        except CustomerError as refusal:
            status = refuse(form, refusal)
        except InvalidApplicant as invalid:
            form.add_problems(invalid)
            status = 422
    context |= {
        "form": form,
        "refused": status == 402,
        "restorable": request.method != "POST" and prefill.is_empty,
        "restored": bool(prefill.draft),
        "backlog": backlog_text(),
    }
    return render(request, template, context, status=status)


def _earlier_order(request: HttpRequest) -> Prediction | None:
    if "from" not in request.GET:
        return None
    try:
        return get_prediction_or_404(current_user(request), uuid.UUID(request.GET["from"]))
    except ValueError as error:
        raise Http404 from error
