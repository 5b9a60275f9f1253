"""What the PDF of a result says, as texts in the reader's language.

`predictions.formats.pdf` draws it in a process of its own, which needs neither Django nor the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from predictions.formats.applicants import in_words, range_warnings
from predictions.formats.charts.horizon import horizon
from predictions.formats.numbers import percent, verdict, whole_percent
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS


@dataclass(frozen=True)
class Content:
    """`approval`, `tone` and `average` are for the drawing; everything else is a text as it is printed."""

    language: str
    title: str
    label: str
    number: str
    verdict: str
    rest: str
    approval: float
    tone: int
    average: float | None
    average_text: str
    facts_title: str
    facts: list[tuple[str, str]]
    warnings_title: str
    warnings: list[str]
    reasons_title: str
    reasons: list[str]
    order_title: str
    order: list[tuple[str, str]]
    # The row of the order that stands for a label that cannot be printed.
    unprintable: tuple[str, str]
    disclaimer: str
    verify: str
    address: str
    code: str
    page: str


def content(prediction: Prediction, reasons: Sequence[str], code: str, language: str) -> Content:
    """Return the texts of a succeeded prediction, in the language that is active."""
    approval, default = prediction.approval_probability, prediction.default_probability
    if approval is None or default is None or prediction.finished_at is None:
        raise ValueError("the prediction has no result")
    finished = timezone.localtime(prediction.finished_at, timezone.get_fixed_timezone(0))
    drawn = horizon(approval, prediction.model.slug, prediction.model_version)
    average = gettext("%(average)s repaid") % {"average": whole_percent(drawn.average or 0)}
    return Content(
        language=language,
        title=gettext("Probability of approval"),
        label=prediction.label,
        number=percent(approval),
        verdict=verdict(approval),
        rest=f"{gettext('Probability of default')}: {percent(default)}",
        approval=approval,
        tone=drawn.tone,
        average=drawn.average,
        average_text="" if drawn.average is None else average,
        facts_title=gettext("Application details"),
        facts=[(gettext(field.label), in_words(field, prediction.facts[field.name])) for field in FIELDS],
        warnings_title=gettext("Values outside the training data"),
        warnings=[warning["detail"] for warning in range_warnings(prediction.facts)],
        reasons_title=gettext("What lowers the probability most"),
        reasons=list(reasons),
        order_title=gettext("Order details"),
        order=[
            (gettext("Model"), f"{prediction.model.name} {prediction.model_version}"),
            (gettext("Finished"), f"{date_format(finished, 'j E Y, H:i')} UTC"),
            (gettext("Prediction ID"), str(prediction.pk)),
            (gettext("Model file, SHA-256"), prediction.artifact_sha256),
        ],
        unprintable=(
            gettext("Label"),
            gettext(
                "It has characters that cannot be printed here. The prediction ID is what tells this result "
                "from others."
            ),
        ),
        disclaimer=gettext(
            "A probability calculated by a statistical model from the details above. It is not a decision on "
            "the loan, and not a promise of one."
        ),
        verify=gettext("Check that this document is genuine:"),
        address=settings.SITE_URL + reverse("predictions:verify"),
        code=code,
        page=gettext("Page {number} of {total}"),
    )
