"""A comparison of the models on sale: benefits, measures, changes and curves."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from predictions.formats.charts import model_card as charts
from predictions.formats.charts.model_card import Chart
from predictions.formats.model_cards.curves import ROC_ROWS, CalibrationRow, calibration_rows, roc_heights
from predictions.formats.model_cards.measures import MEASURES, Measure, MeasuredValue, measured
from predictions.formats.model_cards.published import PublishedModel
from predictions.formats.model_cards.texts import share_or_dash
from predictions.formats.numbers import percent_points, plain_percent, whole_percent
from predictions.models import ScoringModel
from predictions.scoring.model_card import ModelCard
from predictions.scoring.model_card_texts import CHANGES, HOW_MEASURED

# An example: of `LOANS` loans, the share with the lowest probabilities is declined.
LOANS = 1000
DECLINED_SHARE = 0.2
WHEN_TO_CHOOSE = {
    "scorecard": _("For screening many applications and giving reasons."),
    "forest": _("For a second opinion on applications near your threshold."),
    "boosting": _("For large loans, where a mistake is expensive."),
}


@dataclass(frozen=True)
class ModelColumn:
    """One model. `defaults_left` counts the defaults among the loans that it does not decline."""

    model: ScoringModel
    defaults_left: int
    when_to_choose: str
    steadiness: str
    calibration: list[CalibrationRow]


@dataclass(frozen=True)
class MeasureRow:
    """The value of each model."""

    measure: Measure
    cells: list[tuple[ScoringModel, MeasuredValue]]


@dataclass(frozen=True)
class Row:
    """A text for each model."""

    label: str
    cells: list[tuple[ScoringModel, str]]


@dataclass(frozen=True)
class SideBySide:
    """`defaults` counts the defaults among `LOANS` loans if all are approved."""

    models: list[ModelColumn]
    defaults: int
    measures: list[MeasureRow]
    changes: list[Row]
    how_measured: str
    roc: Chart
    roc_rows: list[Row]
    reliability: Chart


def side_by_side(published: Sequence[PublishedModel]) -> SideBySide | None:
    """Return the comparison, or None without models."""
    if not published:
        return None
    model_cards = [model.model_card for model in published]
    return SideBySide(
        models=[_column(model) for model in published],
        defaults=_defaults(model_cards[0]),
        measures=[_measure_row(published, measure) for measure in MEASURES],
        changes=[_change_row(published, change) for change in CHANGES if _is_known(published, change)],
        how_measured=gettext(HOW_MEASURED),
        roc=charts.roc(model_cards),
        roc_rows=_roc_rows(published),
        reliability=charts.reliability(model_cards),
    )


def _column(published: PublishedModel) -> ModelColumn:
    model_card = published.model_card
    caught = next(point["defaults"] for point in model_card["gains"] if point["applicants"] >= DECLINED_SHARE)
    return ModelColumn(
        model=published.offer.model,
        defaults_left=_defaults(model_card, left=1 - caught),
        when_to_choose=str(WHEN_TO_CHOOSE[model_card["method"]]),
        steadiness=percent_points(model_card["stability"]["income_up_1_percent"]["mean_absolute_change"], 2),
        calibration=calibration_rows(model_card),
    )


def _defaults(model_card: ModelCard, left: float = 1) -> int:
    return round((1 - model_card["data"]["approval_rate"]) * left * LOANS)


def _measure_row(published: Sequence[PublishedModel], measure: Measure) -> MeasureRow:
    cells = [(model.offer.model, measured(model.model_card, measure)) for model in published]
    return MeasureRow(measure, cells)


def _change_row(published: Sequence[PublishedModel], change: str) -> Row:
    """Return how often each model's probability falls noticeably."""
    cells = [(model.offer.model, share_or_dash(_fell(model.model_card, change))) for model in published]
    return Row(gettext(CHANGES[change]), cells)


def _is_known(published: Sequence[PublishedModel], change: str) -> bool:
    """Whether any model was measured with this change; versions 1 and 2 have others."""
    return any(_fell(model.model_card, change) is not None for model in published)


def _fell(model_card: ModelCard, change: str) -> float | None:
    rows = model_card["stability"]["directions"]
    return next((row["fell_noticeably"] for row in rows if row["change"] == change), None)


def _roc_rows(published: Sequence[PublishedModel]) -> list[Row]:
    """Return the share of repaid loans that each model approves at each share of defaulted loans."""
    heights = zip(*(roc_heights(model.model_card["roc"]) for model in published), strict=True)
    models = [model.offer.model for model in published]
    return [
        Row(whole_percent(rate), list(zip(models, map(plain_percent, shares), strict=True)))
        for rate, shares in zip(ROC_ROWS, heights, strict=True)
    ]
