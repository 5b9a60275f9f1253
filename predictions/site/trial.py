"""The free trial on the home page: the example, scored by the scorecard as a visitor changes it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.requests import FragmentRequest, client_network
from accounts.throttling import Limit, TooManyAttempts, take
from predictions import catalog
from predictions.catalog import Offer
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.schema import EXAMPLE
from predictions.scoring.what_if import what_if
from predictions.site.forms.results import TrialForm
from predictions.site.result_context import refusal_context

# The scorecard is a small table, the only model that costs the web process almost nothing.
TRIAL_SLUG = "logistic-regression"
TRIALS = Limit("trials", 60, 60)


@never_cache
@require_safe
@vary_on_headers("HX-Request")
def trial(request: FragmentRequest) -> HttpResponse:
    """The answer alone, for htmx; without it the home page answers."""
    if not request.htmx:
        return redirect("home")
    found = trial_context(request, catalog.offers())
    if found is None:
        raise Http404
    context = {"tryout": found, "polled": True}
    return render(request, "predictions/_trial.html#answer", context, status=found.get("status", 200))


def trial_context(request: HttpRequest, offers: list[Offer]) -> dict[str, Any] | None:
    """Return `offer`, `form`, and `approval` or why there is none; None if the model cannot be sold now.

    Only what a visitor has changed counts as a trial, so that reading the page has no limit.
    """
    offer = next((offer for offer in offers if offer.model.slug == TRIAL_SLUG and offer.ref), None)
    if offer is None:
        return None
    typed = {name: request.GET[name] for name in TrialForm.names if name in request.GET}
    form = TrialForm(parse_applicant(EXAMPLE), typed or None)
    context: dict[str, Any] = {"offer": offer, "form": form}
    if typed and not form.is_valid():
        return context | {"status": 422}
    try:
        if typed:
            take(TRIALS, client_network(request))
        return context | {"approval": _approval(offer, form.changes if typed else {})}
    except TooManyAttempts as refusal:
        return context | refusal_context(refusal)
    except InvalidApplicant as invalid:
        form.add_problems(invalid)
        return context | {"status": 422}
    except ArtifactError:
        return None


def _approval(offer: Offer, changes: Mapping[str, object]) -> float:
    assert offer.ref is not None
    return what_if(settings.ARTIFACTS_DIR, offer.ref, parse_applicant(EXAMPLE), changes).approval_probability
