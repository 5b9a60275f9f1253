"""The catalog, predictions and comparisons."""

from predictions.models.catalog import ScoringModel
from predictions.models.predictions import (
    MAX_FOLDED_LENGTH,
    MAX_LABEL_LENGTH,
    Comparison,
    Prediction,
    PredictionQuerySet,
)

__all__ = [
    "MAX_FOLDED_LENGTH",
    "MAX_LABEL_LENGTH",
    "Comparison",
    "Prediction",
    "PredictionQuerySet",
    "ScoringModel",
]
