"""The quality measures: their names, meanings, and a model's values."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from predictions.formats.numbers import score
from predictions.scoring.model_card import ModelCard


@dataclass(frozen=True)
class Measure:
    """One quality measure. `key` is its name in `card.json`."""

    key: Literal["roc_auc", "gini", "ks", "brier", "log_loss", "ece"]
    label: StrOrPromise
    meaning: StrOrPromise
    decimals: int = 3


MEASURES = (
    Measure(
        "roc_auc",
        _("ROC AUC"),
        _("How often a repaid loan scores above a defaulted one. 0.5 is chance, 1 is perfect."),
    ),
    Measure("gini", _("Gini"), _("ROC AUC on the scale banks use. 0 is chance, 1 is perfect.")),
    Measure(
        "ks",
        _("KS"),
        _("The largest gap between repaid and defaulted loans. Higher is better."),
    ),
    Measure(
        "brier",
        _("Brier score"),
        _("Mean squared error of the probabilities. Lower is better."),
        decimals=4,
    ),
    Measure(
        "log_loss",
        _("Log loss"),
        _("Punishes confident errors. Lower is better."),
    ),
    Measure(
        "ece",
        _("Calibration error"),
        _("Average gap between probabilities and outcomes. Lower is better."),
        decimals=4,
    ),
)


@dataclass(frozen=True)
class MeasuredValue:
    """A model's value. `likely_range` is its 95% interval, such as ``0.947–0.953``."""

    measure: Measure
    value: str
    likely_range: str


def measured(model_card: ModelCard, measure: Measure) -> MeasuredValue:
    low, high = (score(end, measure.decimals) for end in model_card["intervals"][measure.key])
    return MeasuredValue(
        measure, score(model_card["metrics"][measure.key], measure.decimals), f"{low}–{high}"
    )


@dataclass(frozen=True)
class Agreement:
    """How probabilities and outcomes agree; `noise_floor` is the calibration error of mere chance."""

    slope: str
    intercept: str
    noise_floor: str


def agreement(model_card: ModelCard) -> Agreement | None:
    """Return the figures of the card; None for versions 1, which lack them."""
    figures = model_card.get("calibration")
    if figures is None:
        return None
    return Agreement(
        score(figures["slope"]),
        score(figures["intercept"]),
        score(figures["ece_noise_floor"], 4),
    )
