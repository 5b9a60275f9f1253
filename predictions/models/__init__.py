"""The catalog, predictions, comparisons, files, policies, outcomes, drift, links and documents."""

from predictions.models.batches import Batch, BatchQuerySet
from predictions.models.catalog import ScoringModel
from predictions.models.challengers import Challenge, ChallengerScore
from predictions.models.chunks import BatchChunk
from predictions.models.comparisons import MAX_FOLDED_LENGTH, MAX_LABEL_LENGTH, Comparison
from predictions.models.discounts import VolumeDiscount
from predictions.models.drift import DriftProgress, DriftWeek
from predictions.models.outcomes import FormerOutcome, Outcome, OutcomeQuerySet, Result
from predictions.models.policies import Decision, DecisionPolicy, PolicyChange, policy_of
from predictions.models.predictions import NO_OUTCOME, Prediction, PredictionQuerySet
from predictions.models.scores import RowScores
from predictions.models.sharing import ResultDocument, ShareLink
from predictions.models.trainings import TrainingRun
from predictions.models.versions import SalePeriod, VersionCheck

__all__ = [
    "MAX_FOLDED_LENGTH",
    "MAX_LABEL_LENGTH",
    "NO_OUTCOME",
    "Batch",
    "BatchChunk",
    "BatchQuerySet",
    "Challenge",
    "ChallengerScore",
    "Comparison",
    "Decision",
    "DecisionPolicy",
    "DriftProgress",
    "DriftWeek",
    "FormerOutcome",
    "Outcome",
    "OutcomeQuerySet",
    "PolicyChange",
    "Prediction",
    "PredictionQuerySet",
    "Result",
    "ResultDocument",
    "RowScores",
    "SalePeriod",
    "ScoringModel",
    "ShareLink",
    "TrainingRun",
    "VersionCheck",
    "VolumeDiscount",
    "policy_of",
]
