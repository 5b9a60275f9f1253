"""The training recipes of the three models on sale."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats
from predictions.training.boosting_fit import fit_boosting
from predictions.training.data import Data
from predictions.training.forest_fit import fit_forest
from predictions.training.scorecard_fit import fit_scorecard
from predictions.training.scorecard_plan import plan


class Fitted(Protocol):
    """A trained model before calibration."""

    def outputs(self, raw: Floats) -> Floats:
        """Return raw outputs, shape (n,): numbers that rise with the approval."""

    def content(self, calibration: Calibration) -> bytes:
        """Return the model file, including the calibration."""


@dataclass(frozen=True)
class Recipe:
    """How to train one model: `fit(data, seed)`. `method` is a key of `model_card.METHODS`."""

    slug: str
    method: str
    file_name: str
    fit: Callable[[Data, int], Fitted]


@dataclass(frozen=True)
class Effort:
    """Sizes of the models and of their measurements. `draws` are bootstrap resamples."""

    folds: int
    draws: int
    trees: int
    bags: int
    iterations: int


FULL = Effort(folds=5, draws=1_000, trees=150, bags=5, iterations=500)
QUICK = Effort(folds=2, draws=20, trees=10, bags=2, iterations=20)  # For tests and CI.


def recipes(effort: Effort) -> tuple[Recipe, ...]:
    """Return the recipe of each model with this effort."""
    boosting = partial(fit_boosting, bags=effort.bags, iterations=effort.iterations)
    return (
        Recipe("logistic-regression", "scorecard", "model.json", partial(fit_scorecard, plans=plan())),
        Recipe("random-forest", "forest", "model.onnx", partial(fit_forest, trees=effort.trees)),
        Recipe("catboost", "boosting", "model.cbm", boosting),
    )
