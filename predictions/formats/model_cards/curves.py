"""How well a model separates repaid and defaulted loans: four charts with their tables, and thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from predictions.formats.charts import model_card as charts
from predictions.formats.charts.model_card import Chart
from predictions.formats.model_cards.texts import share_or_dash, share_range
from predictions.formats.numbers import plain_percent, score, whole, whole_percent
from predictions.scoring.model_card import ModelCard

# The false-positive rates in the table of the ROC curve.
ROC_ROWS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75)


@dataclass(frozen=True)
class RocRow:
    defaulted_approved: str
    repaid_approved: str


@dataclass(frozen=True)
class Roc:
    chart: Chart
    area: str
    rows: list[RocRow]


@dataclass(frozen=True)
class CalibrationRow:
    """One tenth of the loans, sorted by stated probability."""

    count: str
    stated: str
    repaid: str
    likely_range: str


@dataclass(frozen=True)
class Calibration:
    chart: Chart
    rows: list[CalibrationRow]


@dataclass(frozen=True)
class DistributionRow:
    """The shares of the repaid and of the defaulted loans whose probability is in this range."""

    probability: str
    repaid: str
    defaulted: str


@dataclass(frozen=True)
class Distribution:
    chart: Chart
    rows: list[DistributionRow]


@dataclass(frozen=True)
class GainsRow:
    applicants: str
    defaults: str


@dataclass(frozen=True)
class Gains:
    chart: Chart
    rows: list[GainsRow]


@dataclass(frozen=True)
class ThresholdRow:
    threshold: str
    approved: str
    default_of_approved: str
    default_of_refused: str


@dataclass(frozen=True)
class Thresholds:
    """`default_rate` is the share of defaults among all loans."""

    default_rate: str
    rows: list[ThresholdRow]


def roc(model_card: ModelCard) -> Roc:
    heights = roc_heights(model_card["roc"])
    rows = [RocRow(plain_percent(x), plain_percent(y)) for x, y in zip(ROC_ROWS, heights, strict=True)]
    return Roc(charts.roc([model_card]), score(model_card["metrics"]["roc_auc"]), rows)


def roc_heights(curve: Sequence[Sequence[float]]) -> list[float]:
    """Return the height of the curve at each of `ROC_ROWS`, interpolated between the stored points."""
    return [_height(curve, rate) for rate in ROC_ROWS]


def calibration(model_card: ModelCard) -> Calibration:
    return Calibration(charts.reliability([model_card]), calibration_rows(model_card))


def calibration_rows(model_card: ModelCard) -> list[CalibrationRow]:
    return [
        CalibrationRow(
            count=whole(part["count"]),
            stated=plain_percent(part["predicted"]),
            repaid=plain_percent(part["observed"]),
            likely_range=share_range(part["observed_low"], part["observed_high"]),
        )
        for part in model_card["reliability"]
    ]


def distribution(model_card: ModelCard) -> Distribution:
    shares = model_card["distribution"]
    ends = pairwise(shares["edges"])
    rows = [
        DistributionRow(share_range(low, high, 0), plain_percent(repaid), plain_percent(defaulted))
        for (low, high), repaid, defaulted in zip(ends, shares["approved"], shares["defaulted"], strict=True)
    ]
    return Distribution(charts.distribution(model_card), rows)


def gains(model_card: ModelCard) -> Gains:
    rows = [
        GainsRow(whole_percent(point["applicants"]), plain_percent(point["defaults"]))
        for point in model_card["gains"]
    ]
    return Gains(charts.gains(model_card), rows)


def thresholds(model_card: ModelCard) -> Thresholds:
    rows = [
        ThresholdRow(
            threshold=whole_percent(level["threshold"]),
            approved=plain_percent(level["approval_rate"]),
            default_of_approved=share_or_dash(level["default_rate_of_approved"]),
            default_of_refused=share_or_dash(level["default_rate_of_refused"]),
        )
        for level in model_card["thresholds"]
    ]
    return Thresholds(plain_percent(1 - model_card["data"]["approval_rate"]), rows)


def _height(curve: Sequence[Sequence[float]], rate: float) -> float:
    for (left, low), (right, high) in pairwise(curve):
        if left <= rate <= right:
            return high if right == left else low + (high - low) * (rate - left) / (right - left)
    return 1.0
