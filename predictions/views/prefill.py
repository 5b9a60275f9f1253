"""What an order form is filled with at first: an example, or an earlier order's facts and label."""

import uuid

from django.http import Http404, HttpRequest

from accounts.access import signed_in
from predictions.access import prediction_of
from predictions.forms.applicant import ApplicantForm, as_initial
from predictions.models import Prediction
from predictions.scoring.schema import EXAMPLE
from predictions.views.backlog import backlog_text


def is_prefilled(request: HttpRequest) -> bool:
    return "example" in request.GET or "from" in request.GET


def earlier_order(request: HttpRequest) -> Prediction | None:
    """The one that `?from=` names, or 404 when it is not this user's."""
    if "from" not in request.GET or "example" in request.GET:
        return None
    try:
        return prediction_of(signed_in(request), uuid.UUID(request.GET["from"]))
    except ValueError as error:
        raise Http404 from error


def first_facts(request: HttpRequest, earlier: Prediction | None) -> dict[str, object]:
    if "example" in request.GET:
        return as_initial(EXAMPLE)
    return as_initial(earlier.facts) | {"label": earlier.label} if earlier else {}


def form_context(
    request: HttpRequest, form: ApplicantForm, kept: dict[str, str], status: int
) -> dict[str, object]:
    """What both order pages show around their form, however it came to its values."""
    return {
        "form": form,
        "refused": status == 402,
        "restorable": request.method != "POST" and not kept and not is_prefilled(request),
        "restored": bool(kept),
        "backlog": backlog_text(),
    }
