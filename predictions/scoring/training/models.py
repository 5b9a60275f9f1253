"""The three recipes that are sold, in the order of their prices."""

from functools import partial

from predictions.scoring.training.boosting_fit import fit_boosting
from predictions.scoring.training.effort import Effort
from predictions.scoring.training.forest_fit import fit_forest
from predictions.scoring.training.recipes import Recipe
from predictions.scoring.training.scorecard_fit import fit_scorecard
from predictions.scoring.training.scorecard_plan import plan


def recipes(effort: Effort) -> tuple[Recipe, ...]:
    """How to train each model with this effort."""
    boosting = partial(fit_boosting, bags=effort.bags, iterations=effort.iterations)
    return (
        Recipe("logistic-regression", "scorecard", "model.json", partial(fit_scorecard, plans=plan())),
        Recipe("random-forest", "forest", "model.onnx", partial(fit_forest, trees=effort.trees)),
        Recipe("catboost", "boosting", "model.cbm", boosting),
    )
