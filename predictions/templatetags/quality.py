"""What the measured quality of a model means, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

register = template.Library()


class Measure(NamedTuple):
    name: str
    label: StrOrPromise
    meaning: StrOrPromise
    decimals: int = 3


MEASURES = (
    Measure(
        "roc_auc",
        _("ROC AUC"),
        _(
            "How often a loan that was repaid gets a higher probability than one that was not. "
            "0.5 is guessing, 1 is perfect."
        ),
    ),
    Measure("gini", _("Gini"), _("The same on the scale that banks use: 0 is guessing, 1 is perfect.")),
    Measure(
        "ks",
        _("KS"),
        _("The widest gap between repaid and defaulted loans along the probability; more is better."),
    ),
    Measure(
        "brier",
        _("Brier score"),
        _("The mean squared error of the probabilities; 0 is perfect, less is better."),
        decimals=4,
    ),
    Measure(
        "log_loss",
        _("Log loss"),
        _("Punishes probabilities that are sure and wrong; less is better."),
    ),
    Measure(
        "ece",
        _("Calibration error"),
        _("How far a stated probability is from what really happens, on average; less is better."),
        decimals=4,
    ),
)


@register.filter
def described(metrics: Mapping[str, float]) -> Iterator[tuple[Measure, float]]:
    """The measures that we can explain, with their values."""
    return ((measure, metrics[measure.name]) for measure in MEASURES if measure.name in metrics)


@register.filter
def score(value: float, decimals: int = 3) -> str:
    """Three decimals, or so many, in the reader's format."""
    return number_format(f"{value:.{decimals}f}", decimal_pos=decimals, use_l10n=True)


@register.filter
def measured(metrics: Mapping[str, float], measure: Measure) -> str:
    return score(metrics[measure.name], measure.decimals) if measure.name in metrics else "—"


@register.filter
def between(intervals: Mapping[str, Sequence[float]], measure: Measure) -> str:
    """``0.947–0.953``."""
    low, high = intervals[measure.name]
    return f"{score(low, measure.decimals)}–{score(high, measure.decimals)}"
