"""The decision policy of a customer, the adverse action notice, and what applicants may know and ask."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import form_drafts
from accounts.polling import Polling
from accounts.requests import current_user
from predictions import catalog
from predictions.formats.adverse_action import statement
from predictions.formats.model_cards.published import published_model
from predictions.models import Decision, ScoringModel, policy_of
from predictions.results.adverse_action import principal_reasons
from predictions.results.decisions import Suggestion, changes_of, remove_policy, save_policy, suggest
from predictions.results.what_if import ArtifactUnavailable
from predictions.selectors import get_prediction_or_404
from predictions.site.forms.decisions import CostsForm, PolicyForm
from predictions.site.result_context import explanation_section, refusal_context

# So many changes of the policy are shown.
CHANGES = 10


@dataclass(frozen=True)
class SuggestionRow:
    """Thresholds that the costs suggest for a model, and the query that puts them into the form."""

    model: ScoringModel
    suggestion: Suggestion
    query: str


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """Shows, saves and removes the thresholds. Costs in the query add suggestions."""
    user = current_user(request)
    if request.method != "POST":
        return _page(request, PolicyForm(initial=_initial(request)))
    if "remove" in request.POST:
        remove_policy(user)
        messages.success(request, _("Your decision policy has been removed."))
        return redirect("predictions:decision-policy")
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    sent = form.thresholds
    try:
        save_policy(user, approve_from=sent["approve_from"], decline_below=sent["decline_below"])
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, status=422)
    messages.success(request, _("Saved."))
    return redirect("predictions:decision-policy")


@never_cache
@login_required
@require_safe
def notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A page to print for the applicant. 404 for a result that the policy does not decline or leave open."""
    prediction = get_prediction_or_404(current_user(request), pk)
    if prediction.decision not in (Decision.DECLINE, Decision.REVIEW):
        raise Http404
    section = explanation_section(prediction, Polling.of(request))
    context = {"prediction": prediction, "explained": section}
    if section.explanation:
        try:
            found = principal_reasons(prediction, section.explanation)
        except ArtifactUnavailable as refusal:
            told = refusal_context(refusal)
            return render(request, "predictions/notice.html", context | told, status=refusal.status)
        context["statements"] = [statement(reason) for reason in found]
    return render(request, "predictions/notice.html", context)


@require_safe
def automated_decisions(request: HttpRequest) -> HttpResponse:
    """What an applicant may know and ask of a decision that used a score."""
    return render(request, "predictions/automated_decisions.html")


def _initial(request: HttpRequest) -> dict[str, str]:
    """Return what the form shows at first: what was typed, what a suggestion says, or what is stored."""
    if draft := form_drafts.pop(request):
        return draft
    suggested = PolicyForm(request.GET)
    if suggested.is_valid():
        return {name: request.GET[name] for name in suggested.fields}
    stored = policy_of(current_user(request))
    return PolicyForm.initial_of(stored) if stored else {}


def _page(request: HttpRequest, form: PolicyForm, status: int = 200) -> HttpResponse:
    costs = CostsForm(request.GET) if {"default_cost", "refusal_cost"} & request.GET.keys() else CostsForm()
    rows = list(_suggestions(request, costs)) if costs.is_valid() else None
    user = current_user(request)
    context = {
        "form": form,
        "costs": costs,
        "rows": rows,
        "policy": policy_of(user),
        "changes": changes_of(user, CHANGES),
    }
    return render(request, "predictions/decision_policy.html", context, status=status)


def _suggestions(request: HttpRequest, costs: CostsForm) -> Iterator[SuggestionRow]:
    amounts = {name: float(amount) for name, amount in costs.cleaned_data.items()}
    for offer in catalog.offers():
        if not (published := published_model(offer)):
            continue
        if found := suggest(published.model_card["thresholds"], **amounts):
            query = request.GET.copy()
            for name, text in PolicyForm.initial_of(found).items():
                query[name] = text
            yield SuggestionRow(offer.model, found, query.urlencode())
