"""What the page of a result shows, whichever of its sections was asked."""

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import CustomerError, retry_text
from accounts.models import User
from accounts.requests import FragmentRequest
from accounts.throttling import TooManyAttempts
from predictions import tasks
from predictions.formats.applicants import range_warnings, reason_text
from predictions.formats.charts import result as charts
from predictions.models import Prediction
from predictions.results import explanations
from predictions.results.what_if import ArtifactUnavailable, ice_curves
from predictions.scoring.explain import Explanation
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, Field, Value
from predictions.scoring.what_if import CURVE_FIELDS, CurvePoint
from predictions.site.delays import is_late, settled_by
from predictions.site.forms.applicant import LabelForm
from predictions.site.forms.results import LoanReductionForm, WhatIfForm

# Explanations usually come within this many seconds.
EXPLAINED_WITHIN = 10
# A curve's table shows about this many of its points.
CURVE_TABLE_ROWS = 12


@dataclass(frozen=True)
class ExplanationSection:
    """`state` is ready, waiting, late or failed. `steps` are the rows of the waterfall chart.

    `since` is the time from which the page has waited.
    """

    state: str
    since: int
    explanation: Explanation | None
    reasons: list[str]
    chart: charts.Waterfall | None
    steps: list[tuple[charts.Step, Field, Value]]


@dataclass(frozen=True)
class CurveFigure:
    """One ICE curve: its field, the applicant's own value, the drawing, the ends, and rows for a table."""

    field: Field
    own: Value
    chart: charts.LineChart
    first: float
    last: float
    rows: list[CurvePoint]


def result_context(prediction: Prediction, draft: dict[str, str] | None = None) -> dict[str, Any]:
    """The page before anything is asked; `draft` are inputs that were typed before a login."""
    draft = draft or {}
    context: dict[str, Any] = {
        "prediction": prediction,
        "facts": [(field, prediction.facts[field.name]) for field in FIELDS],
        "warnings": range_warnings(prediction.facts),
        "late": is_late(prediction),
        "settled_by": settled_by(prediction),
        "seen": poll_state(prediction),
        "renaming": LabelForm(initial={"label": prediction.label} | draft),
        "renamed_now": "label" in draft,
    }
    if prediction.approval_probability is not None:
        goal = LoanReductionForm.first_goal(prediction.approval_probability)
        context |= {
            "explained": explanation_section(prediction),
            "what_if": {"form": WhatIfForm(prediction.facts, draft=draft)},
            "cut": {"form": LoanReductionForm(initial={"goal": goal} | draft)},
        }
    return context


def poll_state(prediction: Prediction) -> str:
    """What the page shows of the job; a poll that comes with the same state is answered with nothing."""
    return f"{prediction.status}.late" if is_late(prediction) else prediction.status


def explanation_section(prediction: Prediction, since: int | None = None) -> ExplanationSection:
    """The explanation, or where it stands; requests one that is missing."""
    since = since or int(time.time())
    explanation = explanations.explanation_of(prediction)
    if explanation is None:
        requested = tasks.request_explanations([prediction])
        if explanations.has_failed(prediction):
            state = "failed"
        else:
            state = "late" if not requested or takes_long(since) else "waiting"
        return ExplanationSection(state, since, None, [], None, [])
    reasons = [reason_text(reason) for reason in explanations.reasons_of(prediction, explanation)]
    contributions = {part.field: part for part in explanation.contributions}
    chart = charts.waterfall(
        explanation.base, {name: part.contribution for name, part in contributions.items()}
    )
    steps = [(step, FIELDS_BY_NAME[step.key], contributions[step.key].value) for step in chart.steps]
    return ExplanationSection("ready", since, explanation, reasons, chart, steps)


def takes_long(since: int) -> bool:
    return time.time() - since > EXPLAINED_WITHIN


def waited_since(request: HttpRequest) -> int | None:
    """The time in the query from which a page has waited; None without a valid one."""
    text = request.GET.get("since", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def curves_context(user: User, prediction: Prediction) -> dict[str, Any]:
    """`figures`, or `trouble` in words."""
    try:
        curves = ice_curves(user, prediction, CURVE_FIELDS)
    except CustomerError as refusal:
        return refusal_context(refusal)
    return {"figures": [_figure(prediction, name, points) for name, points in curves.items()]}


def refusal_context(refusal: CustomerError) -> dict[str, Any]:
    """Why a section has no answer. Raises what it has no text for."""
    match refusal:
        case TooManyAttempts():
            text = " ".join([_("Too many requests."), retry_text(refusal.retry_after)])
        case ArtifactUnavailable():
            text = _("The model version that made this result cannot be used now.")
        case _:
            raise refusal
    return {"trouble": text, "status": refusal.status, "retry_after": refusal.retry_after}


def is_fragment_request(request: FragmentRequest, prediction: Prediction) -> bool:
    """Whether htmx asks for a section of the page of a result."""
    return bool(request.htmx) and prediction.status == Prediction.Status.SUCCEEDED


def redirect_to_section(prediction: Prediction, section: str) -> HttpResponse:
    return redirect(f"{reverse('predictions:detail', args=[prediction.pk])}#{section}")


def _figure(prediction: Prediction, name: str, points: list[CurvePoint]) -> CurveFigure:
    own = prediction.facts[name]
    chart = charts.line(
        [(point.value, point.approval_probability) for point in points],
        own if isinstance(own, int | float) else None,
        logarithmic=name == "person_income",
    )
    step = len(points) // CURVE_TABLE_ROWS + 1
    rows = [point for i, point in enumerate(points) if i % step == 0 or point.value == own]
    return CurveFigure(FIELDS_BY_NAME[name], own, chart, points[0].value, points[-1].value, rows)
