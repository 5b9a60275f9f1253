"""The three recipes that are sold, in the order of their prices."""

from functools import partial

from predictions.scoring.training.boosting_fit import fit_boosting
from predictions.scoring.training.forest_fit import fit_forest
from predictions.scoring.training.recipes import Recipe
from predictions.scoring.training.scorecard_fit import fit_scorecard
from predictions.scoring.training.scorecard_plan import plan

FOREST_TREES, QUICK_TREES = 150, 20
BOOSTING_ITERATIONS, QUICK_ITERATIONS = 500, 40


def recipes(quick: bool) -> tuple[Recipe, ...]:
    """`quick` makes small models for tests and CI."""
    trees = QUICK_TREES if quick else FOREST_TREES
    iterations = QUICK_ITERATIONS if quick else BOOSTING_ITERATIONS
    return (
        Recipe("logistic-regression", "scorecard", "model.json", partial(fit_scorecard, plans=plan())),
        Recipe("random-forest", "forest", "model.onnx", partial(fit_forest, trees=trees)),
        Recipe("catboost", "boosting", "model.cbm", partial(fit_boosting, iterations=iterations)),
    )
