"""The sections of a model card on the page of its model."""

from dataclasses import dataclass

from django.utils.translation import gettext

from predictions.formats.model_cards.curves import (
    Calibration,
    Distribution,
    Gains,
    Roc,
    Thresholds,
    calibration,
    distribution,
    gains,
    roc,
    thresholds,
)
from predictions.formats.model_cards.data import Data, LearnedFrom, Version, data, learned_from, version
from predictions.formats.model_cards.free import Free, free
from predictions.formats.model_cards.groups import (
    Certainty,
    Fairness,
    Groups,
    Stability,
    certainty,
    fairness,
    groups,
    stability,
)
from predictions.formats.model_cards.measures import MEASURES, Agreement, MeasuredValue, agreement, measured
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.model_card import ModelCard
from predictions.scoring.model_card_texts import HOW_MEASURED, METHODS


@dataclass(frozen=True)
class ModelCardPage:
    """One attribute per section, in page order."""

    method: str
    measures: list[MeasuredValue]
    how_measured: str
    agreement: Agreement | None
    roc: Roc
    calibration: Calibration
    distribution: Distribution
    gains: Gains
    thresholds: Thresholds
    groups: list[Groups]
    fairness: Fairness
    stability: Stability
    certainty: Certainty | None
    free: Free
    learned_from: LearnedFrom
    data: Data
    version: Version


def model_card_page(ref: ArtifactRef, model_card: ModelCard) -> ModelCardPage:
    return ModelCardPage(
        method=gettext(METHODS[model_card["method"]]),
        measures=[measured(model_card, measure) for measure in MEASURES],
        how_measured=gettext(HOW_MEASURED),
        agreement=agreement(model_card),
        roc=roc(model_card),
        calibration=calibration(model_card),
        distribution=distribution(model_card),
        gains=gains(model_card),
        thresholds=thresholds(model_card),
        groups=groups(model_card),
        fairness=fairness(model_card),
        stability=stability(model_card),
        certainty=certainty(model_card),
        free=free(model_card),
        learned_from=learned_from(model_card),
        data=data(model_card),
        version=version(ref, model_card),
    )
