"""Template filters: the formatters of `predictions.formats` under the names that templates use."""

from collections.abc import Callable

from django import template

from predictions.formats import applicants, model_cards, numbers

register = template.Library()

FILTERS: dict[str, Callable[..., str]] = {
    "percent": numbers.percent,
    "plain_percent": numbers.plain_percent,
    "whole_percent": numbers.whole_percent,
    "goal": numbers.goal_percent,
    "discount": numbers.discount,
    "percent_points": numbers.percent_points,
    "points": numbers.points,
    "in_points": numbers.in_points,
    "distance": numbers.distance,
    "direction": numbers.direction,
    "number": numbers.number,
    "whole": numbers.whole,
    "score": numbers.score,
    "all_digits": numbers.all_digits,
    "verdict": numbers.verdict,
    "agreement": numbers.agreement,
    "svg_length": numbers.svg_length,
    "in_words": applicants.in_words,
    "unit": applicants.unit,
    "bounds": applicants.bounds,
}
for name, formatter in FILTERS.items():
    register.filter(name, formatter)
register.simple_tag(applicants.example_json, name="example_applicant")
for name in (
    *("described", "measured", "between", "part", "interval", "score_or_dash", "defaulted", "observed_range"),
    *(
        "bars",
        "in_order",
        "choices_in_order",
        "field_label",
        "field_unit",
        "band",
        "choice_label",
        "age_words",
    ),
    *("amount", "bin_words", "rows", "some_rows", "roc_rows", "directions", "method_text", "limit_text"),
    *("age_words", "change_text", "when_to_choose", "facts_in_words"),
):
    register.filter(name, getattr(model_cards, name))
for name in ("how_measured", "data_source", "data_licence"):
    register.simple_tag(getattr(model_cards, name), name=name)
