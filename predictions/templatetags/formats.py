"""Template filters: the formatters of `predictions.formats` under the names that templates use."""

from collections.abc import Callable

from django import template

from predictions.formats import applicants, history, numbers
from predictions.formats.charts.horizon import horizon, tone

register = template.Library()

FILTERS: dict[str, Callable[..., str | int]] = {
    "percent": numbers.percent,
    "plain_percent": numbers.plain_percent,
    "whole_percent": numbers.whole_percent,
    "threshold": numbers.threshold,
    "goal": numbers.goal_percent,
    "discount": numbers.discount,
    "points": numbers.points,
    "in_points": numbers.in_points,
    "distance": numbers.distance,
    "direction": numbers.direction,
    "number": numbers.number,
    "score": numbers.score,
    "all_digits": numbers.all_digits,
    "verdict": numbers.verdict,
    "tone": tone,
    "agreement": numbers.agreement,
    "svg_length": numbers.svg_length,
    "in_words": applicants.in_words,
    "unit": applicants.unit,
    "range_text": applicants.range_text,
}
for name, formatter in FILTERS.items():
    register.filter(name, formatter)
register.simple_tag(horizon)
register.simple_tag(applicants.example_json, name="example_applicant")
register.filter("grouped", history.grouped)
