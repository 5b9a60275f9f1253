"""The catalog, predictions, comparisons, files and decision policies."""

from predictions.models.batches import Batch, BatchQuerySet
from predictions.models.catalog import ScoringModel
from predictions.models.chunks import BatchChunk
from predictions.models.discounts import VolumeDiscount
from predictions.models.policies import Decision, DecisionPolicy, policy_of
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
    "Decision",
    "DecisionPolicy",
    "Prediction",
    "PredictionQuerySet",
    "ScoringModel",
    "VolumeDiscount",
    "policy_of",
]
