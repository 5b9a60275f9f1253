"""The catalog, predictions, comparisons and files."""

from predictions.models.batches import Batch, BatchQuerySet
from predictions.models.catalog import ScoringModel
from predictions.models.chunks import BatchChunk
from predictions.models.discounts import VolumeDiscount
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
    "Batch",
    "BatchChunk",
    "BatchQuerySet",
    "Comparison",
    "Prediction",
    "PredictionQuerySet",
    "ScoringModel",
    "VolumeDiscount",
]
