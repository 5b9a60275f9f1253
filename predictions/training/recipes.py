"""The training recipes of the three models on sale."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats
from predictions.training.boosting_fit import fit_boosting, fit_free_boosting
from predictions.training.data import Data
from predictions.training.forest_fit import fit_forest, fit_free_forest
from predictions.training.scorecard_fit import fit_scorecard
from predictions.training.scorecard_plan import plan

# The first number of new versions. It rises when the recipes change what a model is, which CHANGE_LOG of
# `scoring.model_card_texts` tells.
RECIPE = 2


class Fitted(Protocol):
    """A trained model before calibration."""

    def outputs(self, raw: Floats) -> Floats:
        """Return raw outputs, shape (n,): numbers that rise with the approval."""

    def content(self, calibration: Calibration) -> bytes:
        """Return the model file, including the calibration."""


@dataclass(frozen=True)
class Recipe:
    """How to train one model: `fit(data, seed)`. `method` is a key of `model_card_texts.METHODS`.

    `monotone`: by construction, a better fact never lowers the approval. `free` trains a model of the same
    kind that may lower it, which tells in the model card what this costs.
    """

    slug: str
    method: str
    file_name: str
    monotone: bool
    fit: Callable[[Data, int], Fitted]
    free: Callable[[Data, int], Fitted]


@dataclass(frozen=True)
class Effort:
    """Sizes of the models and of their measurements.

    `draws` are bootstrap resamples, `pairs` are what the forest is repaired with, and `searched` are the
    random people among whom a fall is searched.
    """

    folds: int
    draws: int
    trees: int
    pairs: int
    iterations: int
    searched: int


FULL = Effort(folds=5, draws=1_000, trees=80, pairs=200_000, iterations=1_000, searched=100_000)
QUICK = Effort(folds=2, draws=20, trees=10, pairs=2_000, iterations=20, searched=500)  # For tests and CI.


def recipes(effort: Effort) -> tuple[Recipe, ...]:
    """Return the recipe of each model with this effort."""
    forest = partial(fit_forest, trees=effort.trees, pairs=effort.pairs)
    boosting = partial(fit_boosting, iterations=effort.iterations)
    card, free_card = (partial(fit_scorecard, plans=plan(), free=free) for free in (False, True))
    free_forest = partial(fit_free_forest, trees=effort.trees)
    # Its trees are larger, so half as many are enough.
    free_boosting = partial(fit_free_boosting, iterations=effort.iterations // 2)
    return (
        Recipe("logistic-regression", "scorecard", "model.json", True, card, free_card),
        Recipe("random-forest", "forest", "model.onnx", False, forest, free_forest),
        Recipe("catboost", "boosting", "model.cbm", True, boosting, free_boosting),
    )
