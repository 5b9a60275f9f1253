"""The three recipes that are sold."""

import json
from dataclasses import dataclass
from functools import partial

import numpy as np
from catboost import CatBoostClassifier
from sklearn.ensemble import RandomForestClassifier

from predictions.scoring.calibration import Curve
from predictions.scoring.raw import Floats
from predictions.scoring.scorecard import Scorecard
from predictions.scoring.training.boosting_fit import boost, margins, to_cbm
from predictions.scoring.training.data import Data
from predictions.scoring.training.forest_fit import grow_forest, to_onnx, votes
from predictions.scoring.training.recipes import Recipe
from predictions.scoring.training.scorecard_fit import DECIMALS, fit_scorecard
from predictions.scoring.training.scorecard_plan import plan


@dataclass(frozen=True)
class FittedScorecard:
    card: Scorecard

    def outputs(self, raw: Floats) -> Floats:
        return self.card.totals(raw).astype(np.float64)

    def content(self, curve: Curve) -> bytes:
        totals = self.card.lowest + np.arange(len(self.card.probabilities))
        table = np.round(curve(totals.astype(np.float64)), DECIMALS)
        card = Scorecard(self.card.base, self.card.terms, self.card.lowest, table)
        return json.dumps(card.to_dict(), indent=None, sort_keys=True).encode()


@dataclass(frozen=True)
class FittedForest:
    forest: RandomForestClassifier

    def outputs(self, raw: Floats) -> Floats:
        return votes(self.forest, raw)

    def content(self, curve: Curve) -> bytes:
        return to_onnx(self.forest, curve)


@dataclass(frozen=True)
class FittedBoosting:
    model: CatBoostClassifier

    def outputs(self, raw: Floats) -> Floats:
        return margins(self.model, raw)

    def content(self, curve: Curve) -> bytes:
        return to_cbm(self.model, curve)


def recipes(quick: bool) -> tuple[Recipe, ...]:
    """In the order of their prices; `quick` makes small models for tests and CI."""
    trees, iterations = (20, 60) if quick else (40, 1500)
    return (
        Recipe("logistic-regression", "model.json", _scorecard),
        Recipe("random-forest", "model.onnx", partial(_forest, trees=trees)),
        Recipe("catboost", "model.cbm", partial(_boosting, iterations=iterations)),
    )


def _scorecard(data: Data, seed: int) -> FittedScorecard:
    return FittedScorecard(fit_scorecard(data, plan()))


def _forest(data: Data, seed: int, *, trees: int) -> FittedForest:
    return FittedForest(grow_forest(data, trees, seed))


def _boosting(data: Data, seed: int, *, iterations: int) -> FittedBoosting:
    return FittedBoosting(boost(data, iterations, seed))
