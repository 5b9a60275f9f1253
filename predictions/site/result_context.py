"""Template contexts of a result page and its sections."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import CustomerError, retry_text
from accounts.models import User
from accounts.polling import Polling
from accounts.requests import FragmentRequest
from accounts.throttling import TooManyAttempts
from predictions import tasks
from predictions.formats.applicants import range_warnings, reason_text
from predictions.formats.charts import result as charts
from predictions.formats.numbers import shown_changes
from predictions.models import FormerOutcome, Outcome, Prediction, policy_of
from predictions.results import explanations
from predictions.results.explanations import TooManyExplanations
from predictions.results.what_if import (
    ArtifactUnavailable,
    WhatIfLimitReached,
    answers_left,
    ice_curves,
    next_steps,
)
from predictions.scoring.explain import Explanation
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, Applicant, Field, Value
from predictions.scoring.what_if import CURVE_FIELDS, CurvePoint
from predictions.site.delays import is_late, settled_by
from predictions.site.forms.applicant import LabelForm, as_text
from predictions.site.forms.outcomes import OutcomeForm
from predictions.site.forms.results import LoanReductionForm, WhatIfForm

# Explanations that take longer are shown as late.
MAX_EXPLANATION_SECONDS = 10
# From this number on, the page says how many free calculations are left.
FEW_ANSWERS = 50
# The approximate number of points in the table of a curve.
CURVE_TABLE_ROWS = 12


@dataclass(frozen=True)
class ExplanationSection:
    """`state` is ready, waiting, late, limited or failed. `steps` are the rows of the chart, as shown."""

    state: str
    polling: Polling
    explanation: Explanation | None = None
    reasons: list[str] = field(default_factory=list)
    chart: charts.Waterfall | None = None
    steps: list[tuple[charts.Step, Field, Value, float]] = field(default_factory=list)

    @property
    def is_missing(self) -> bool:
        return self.state in ("waiting", "late", "limited")

    @property
    def pause(self) -> int:
        """The seconds until the page asks again; 0 if it does not."""
        return explanation_pause(self.state, self.polling) if self.is_missing else 0

    @property
    def seen(self) -> str:
        """A text that changes if and only if the section needs an update."""
        return f"{self.state}.{self.pause}"


@dataclass(frozen=True)
class CurveFigure:
    """One ICE curve: its field, the applicant's value, the chart, its ends, and the rows of its table."""

    field: Field
    own: Value
    chart: charts.LineChart
    first: float
    last: float
    rows: list[CurvePoint]


def result_context(
    prediction: Prediction, draft: dict[str, str] | None = None, outcome_form: OutcomeForm | None = None
) -> dict[str, Any]:
    """Return the context of the page without answers. `draft` holds the inputs restored after a login.

    `outcome_form` is one with errors.
    """
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
        policy = policy_of(prediction.user)
        goal = LoanReductionForm.first_goal(
            prediction.approval_probability, policy.approve_from if policy else None
        )
        context |= {
            "explained": explanation_section(prediction),
            "free": free_answers(prediction),
            "what_if": {"form": WhatIfForm(prediction.facts, draft=draft)},
            "loan_reduction": {"form": LoanReductionForm(initial={"goal": goal} | draft)},
            "outcome_form": outcome_form or OutcomeForm.of(prediction, draft),
            "outcome_history": outcome_history(prediction),
        }
    return context


def outcome_history(prediction: Prediction) -> list[FormerOutcome]:
    """Return what was reported before, the latest first."""
    outcome: Outcome | None = getattr(prediction, "outcome", None)
    return list(outcome.former.select_related("reported_by").order_by("-pk")) if outcome else []


def free_answers(prediction: Prediction) -> dict[str, Any]:
    """Return how many what-if answers are `left`, None if there are many, and whether `none` is."""
    left = answers_left(prediction)
    return {"left": None if left is None or left > FEW_ANSWERS else left, "none": left == 0}


def poll_state(prediction: Prediction) -> str:
    """Return the state of the job that the page shows; a poll with the same state needs no update."""
    return f"{prediction.status}.late" if is_late(prediction) else prediction.status


def explanation_section(prediction: Prediction, polling: Polling | None = None) -> ExplanationSection:
    """Return the explanation or its state. Requests a missing explanation."""
    polling = polling or Polling.begin()
    explanation = explanations.explanation_of(prediction)
    if explanation is None:
        state = request_state([prediction], polling)
        if explanations.has_failed(prediction):
            # As it was before the request, which has it tried again.
            state = "failed"
        return ExplanationSection(state, polling)
    return ready_section(explanation, prediction.facts)


def ready_section(explanation: Explanation, applicant: Applicant) -> ExplanationSection:
    """Return the section of an explanation that there is."""
    reasons = [reason_text(reason) for reason in explanations.reasons_in(applicant, explanation)]
    changes = {part.field: part.contribution for part in explanation.contributions}
    shown = shown_changes(explanation.base, explanation.approval_probability, changes)
    chart = charts.waterfall(explanation.base, {name: changes[name] for name in shown})
    steps = [(step, FIELDS_BY_NAME[step.key], applicant[step.key], shown[step.key]) for step in chart.steps]
    return ExplanationSection("ready", Polling.begin(), explanation, reasons, chart, steps)


def explanation_pause(state: str, polling: Polling) -> int:
    """Return the seconds until a page without an explanation asks again; 0 if it does not."""
    return polling.pause if state == "waiting" else polling.slow_pause


def request_state(results: list[Prediction], polling: Polling) -> str:
    """Request missing explanations; return waiting, late or limited."""
    try:
        notified = tasks.request_explanations(results)
    except TooManyExplanations:
        return "limited"
    return "waiting" if notified and polling.elapsed <= MAX_EXPLANATION_SECONDS else "late"


def curves_context(user: User, prediction: Prediction) -> dict[str, Any]:
    """Return a context with `figures`, or that of `refusal_context`."""
    try:
        curves = ice_curves(user, prediction, CURVE_FIELDS)
    except CustomerError as refusal:
        return refusal_context(refusal)
    return {"figures": [_figure(prediction, name, points) for name, points in curves.items()]}


def next_steps_context(user: User, prediction: Prediction) -> dict[str, Any]:
    """Return a context with `steps`, each with its changes as fields and texts, or that of a refusal."""
    try:
        found = next_steps(user, prediction)
    except CustomerError as refusal:
        return refusal_context(refusal)
    steps = [
        (step, [(FIELDS_BY_NAME[name], value, as_text(value)) for name, value in step.changes.items()])
        for step in found
    ]
    return {"steps": steps}


def refusal_context(refusal: CustomerError) -> dict[str, Any]:
    """Return the text, status and retry time of a refusal. Raises `refusal` if it has no text."""
    match refusal:
        case TooManyAttempts():
            text = " ".join([_("Too many requests."), retry_text(refusal.retry_after)])
        case WhatIfLimitReached():
            text = _("This prediction has no free calculations left.")
        case ArtifactUnavailable():
            text = _("The model version behind this result is currently unavailable.")
        case _:
            raise refusal
    return {"trouble": text, "status": refusal.status, "retry_after": refusal.retry_after}


def is_fragment_request(request: FragmentRequest, prediction: Prediction) -> bool:
    """Return True if htmx requests a section of a page that has a result."""
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
