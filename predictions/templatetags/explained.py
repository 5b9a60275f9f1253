"""Explanations, changes and curves as people read them."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from predictions.charts import results as charts
from predictions.explaining import Explanation
from predictions.scoring.schema import FIELDS_BY_NAME, Field, Value
from predictions.templatetags.probability import share

register = template.Library()


@register.filter
def points(change: float) -> str:
    """``-0.0423`` -> ``−4.2``: a difference of probabilities in percentage points, with its sign."""
    rounded = round(Decimal(str(change)) * 100, 1)
    text = number_format(abs(rounded), decimal_pos=1, use_l10n=True)
    return text if not rounded else f"+{text}" if rounded > 0 else f"\u2212{text}"


@register.filter
def in_points(change: float) -> str:
    """As `points`, with the unit."""
    return gettext("%(number)s points") % {"number": points(change)}


@register.filter
def direction(change: float) -> str:
    """The class of the drawing: ``up``, ``down``, or ``same`` when nothing is left after rounding."""
    rounded = round(change * 100, 1)
    return "up" if rounded > 0 else "down" if rounded < 0 else "same"


@register.filter
def field_of(name: str) -> Field:
    return FIELDS_BY_NAME[name]


@register.filter
def waterfall(explanation: Explanation) -> charts.Waterfall:
    changes = {row["field"]: row["contribution"] for row in explanation.contributions}
    return charts.waterfall(explanation.base, changes)


@register.filter
def value_of(explanation: Explanation, name: str) -> Value:
    """What the applicant said in the field."""
    return next((row["value"] for row in explanation.contributions if row["field"] == name), None)


@register.filter
def distance(change: float) -> str:
    """How far two probabilities lie apart, without a sign."""
    number = number_format(round(Decimal(str(abs(change))) * 100, 1), decimal_pos=1, use_l10n=True)
    return gettext("%(number)s points") % {"number": number}


@register.filter
def discount(percent: int) -> str:
    """``20`` -> ``−20%``."""
    return f"\u2212{share(percent / 100, 0)}"


@register.filter
def less(amount: int, taken: int) -> int:
    return amount - taken


@register.filter
def mark(probability: float) -> str:
    """A place on the scale: ``0%``, ``80%``."""
    return share(probability, 0)
