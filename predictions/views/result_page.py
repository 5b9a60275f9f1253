"""What the page of a result is made of, whichever question it answers."""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.throttling import TooManyAttempts
from predictions import explaining, exploring, monitor, tasks
from predictions.charts import results as charts
from predictions.forms.labels import LabelForm
from predictions.forms.results import CutForm, WhatIfForm
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME
from predictions.scoring.what_if import CURVE_FIELDS
from predictions.texts import range_warnings

# What a question can be refused for, when every value in it is right.
REFUSALS = (TooManyAttempts, exploring.ArtifactGone)
# Explanations usually come within this many seconds.
EXPLAINED_WITHIN = 10
# A curve's table shows about so many of its points.
ROWS = 12


def everything(prediction: Prediction) -> dict[str, Any]:
    """All that the page of a result shows before anybody asks anything."""
    context: dict[str, Any] = {
        "prediction": prediction,
        "facts": [(field, prediction.facts[field.name]) for field in FIELDS],
        "warnings": range_warnings(prediction.facts),
        "late": monitor.is_late(prediction),
        "settled_by": monitor.settled_by(prediction),
        "seen": seen(prediction),
        "renaming": LabelForm(initial={"label": prediction.label}),
    }
    if prediction.approval_probability is not None:
        goal = CutForm.first_goal(prediction.approval_probability)
        context |= {
            "explained": explained(prediction),
            "what_if": {"form": WhatIfForm(prediction.facts)},
            "cut": {"form": CutForm(initial={"goal": goal})},
        }
    return context


def seen(prediction: Prediction) -> str:
    """What the page says of the job; a poll that comes with the same is answered with nothing."""
    return f"{prediction.status}.late" if monitor.is_late(prediction) else prediction.status


def explained(prediction: Prediction, since: int | None = None) -> dict[str, Any]:
    """The explanation, or where it stands; asks for one that is missing.

    `since` is the time from which the page has waited; the first showing waits from now.
    """
    since = since or int(time.time())
    explanation = explaining.explanation_of(prediction)
    asked = explanation is not None or tasks.ask_for_explanations([prediction])
    if explanation:
        state = "ready"
    elif explaining.has_failed(prediction):
        state = "failed"
    else:
        state = "late" if not asked or takes_long(since) else "waiting"
    return {"state": state, "explanation": explanation, "since": since}


def takes_long(since: int) -> bool:
    return time.time() - since > EXPLAINED_WITHIN


def waited_since(request: HttpRequest) -> int | None:
    text = request.GET.get("since", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def drawn_curves(user: User, prediction: Prediction) -> dict[str, Any]:
    """`drawn`: (field, own value, chart, first, last, some points) for each; or `trouble` in words."""
    drawn = []
    try:
        curves = exploring.curves(user, prediction, CURVE_FIELDS)
    except REFUSALS as refusal:
        return refused(refusal)
    for name, points in curves.items():
        own = prediction.facts[name]
        chart = charts.line(
            [(point.value, point.approval_probability) for point in points],
            own if isinstance(own, int | float) else None,
            logarithmic=name == "person_income",
        )
        some = [p for i, p in enumerate(points) if i % (len(points) // ROWS + 1) == 0 or p.value == own]
        drawn.append((FIELDS_BY_NAME[name], own, chart, points[0].value, points[-1].value, some))
    return {"drawn": drawn}


def refused(refusal: Exception) -> dict[str, Any]:
    if isinstance(refusal, TooManyAttempts):
        text = ngettext(
            "You are asking faster than we work it out. Try again in %(seconds)s second.",
            "You are asking faster than we work it out. Try again in %(seconds)s seconds.",
            refusal.retry_after,
        ) % {"seconds": refusal.retry_after}
        return {"trouble": text, "status": 429, "retry_after": refusal.retry_after}
    return {"trouble": _("The model version that made this result cannot be used now."), "status": 503}


def asks(request: HttpRequest, prediction: Prediction) -> bool:
    return bool(request.headers.get("HX-Request")) and prediction.status == Prediction.Status.SUCCEEDED


def back(prediction: Prediction, part: str) -> HttpResponse:
    return redirect(f"{reverse('predictions:detail', args=[prediction.pk])}#{part}")
