"""The measures of a model's quality: what they are called, what they mean, and a model's values."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from predictions.formats.numbers import score
from predictions.scoring.model_card import ModelCard


@dataclass(frozen=True)
class Measure:
    """`key` is the name in `card.json`."""

    key: Literal["roc_auc", "gini", "ks", "brier", "log_loss", "ece"]
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


@dataclass(frozen=True)
class MeasuredValue:
    """What a model reached; `likely_range` is the 95 % interval, as in ``0.947–0.953``."""

    measure: Measure
    value: str
    likely_range: str


def measured(model_card: ModelCard, measure: Measure) -> MeasuredValue:
    low, high = (score(end, measure.decimals) for end in model_card["intervals"][measure.key])
    return MeasuredValue(
        measure, score(model_card["metrics"][measure.key], measure.decimals), f"{low}–{high}"
    )
