"""Builds the model card."""

from collections.abc import Callable
from typing import Any

import numpy as np

from predictions.scoring.measures import bootstrap
from predictions.scoring.model_card_texts import LIMITS_NOW, LIMITS_OF_OWN_DATA
from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats
from predictions.scoring.schema import DIRECTIONS, FIELDS, SHARE_FIELD, ChoiceField
from predictions.training import figures
from predictions.training.artifacts import provenance
from predictions.training.calibration_figures import calibration_figures
from predictions.training.cross_fitting import CrossFitted
from predictions.training.data import Data
from predictions.training.fairness import fairness
from predictions.training.free_models import free_figures, with_free
from predictions.training.parts import all_parts
from predictions.training.recipes import QUICK, RECIPE, Effort, Fitted, Recipe
from predictions.training.stability import directions, fold_figures, income_sensitivity, noise, searched

# The SHA-256 of the files of the public data set that the models in this repository were trained on.
PUBLIC_DATA = frozenset({"9685b2f15eedcbcf0dfad23c38705478083d393e960f14d7abf4941ddb04eeea"})


def make_model_card(
    recipe: Recipe,
    data: Data,
    crossed: CrossFitted,
    final: tuple[Fitted, Calibration],
    seed: int,
    effort: Effort,
) -> dict[str, Any]:
    """Return the content of `card.json`, see `scoring.model_card.ModelCard`.

    Figures are out of sample, except for the search for falls, which tries the model on sale, `final`. Trains
    a free model besides, on as many folds.
    """
    approved, probability = data.approved, crossed.approval
    is_public = data.sha256 in PUBLIC_DATA
    measured = bootstrap(approved, probability, effort.draws, seed)
    card = {
        **provenance(data, seed),
        "slug": recipe.slug,
        "method": recipe.method,
        "recipe": RECIPE,
        "source": "public" if is_public else "own",
        "found": data.found,
        "metrics": {name: round(value, 6) for name, (value, _low, _high) in measured.items()},
        "intervals": {name: [round(low, 6), round(high, 6)] for name, (_v, low, high) in measured.items()},
        "calibration": calibration_figures(approved, probability, seed),
        **_curves(approved, probability),
        "slices": {
            field: figures.slices(approved, probability, parts)
            for field, parts in all_parts(data.raw).items()
        },
        "fairness": fairness(data.raw, approved, probability, crossed.approval_of),
        "stability": _stability(data, crossed, seed),
        "certainty": _certainty(recipe, data, final, seed, effort),
        **_summary(data.raw),
        "limits": _limits(is_public, effort),
    }
    return with_free(card, free_figures(recipe, data, effort, seed))


def _limits(is_public: bool, effort: Effort) -> list[str]:
    limits = LIMITS_NOW if is_public else LIMITS_OF_OWN_DATA
    return [*limits, "quick"] if effort == QUICK else [*limits]


def _certainty(
    recipe: Recipe, data: Data, final: tuple[Fitted, Calibration], seed: int, effort: Effort
) -> dict[str, Any]:
    """Return which fields never lower the approval when they get better, and how that is known."""
    fitted, calibration = final
    found = searched(data.raw, lambda raw: calibration(fitted.outputs(raw)), effort.searched, seed)
    return {
        "how": "construction" if recipe.monotone else "search",
        "fields": [name for name in DIRECTIONS if name != SHARE_FIELD],
        "people": effort.searched,
        "search": found,
    }


def _curves(approved: Floats, probability: Floats) -> dict[str, Any]:
    builders: dict[str, Callable[[Floats, Floats], Any]] = {
        "roc": figures.roc_curve,
        "reliability": figures.reliability,
        "distribution": figures.distribution,
        "gains": figures.gains,
        "thresholds": figures.thresholds,
    }
    return {name: build(approved, probability) for name, build in builders.items()}


def _stability(data: Data, crossed: CrossFitted, seed: int) -> dict[str, Any]:
    return {
        "noise": noise(data.raw, data.approved, crossed.approval_of, seed),
        "income_up_1_percent": income_sensitivity(data.raw, crossed.approval_of),
        "directions": directions(data.raw, crossed.approval_of),
        "folds": fold_figures(data.approved, crossed.approval, crossed.folds),
    }


def _summary(raw: Floats) -> dict[str, Any]:
    """Return the ranges of the numbers and the frequencies of the choices in the training data."""
    ranges, frequencies = {}, {}
    for index, field in enumerate(FIELDS):
        column = raw[:, index]
        if isinstance(field, ChoiceField):
            counts = np.bincount(column.astype(int), minlength=len(field.values)) / len(column)
            frequencies[field.name] = dict(zip(field.values, counts.round(6).tolist(), strict=True))
        else:
            ranges[field.name] = _range(column)
    return {"ranges": ranges, "frequencies": frequencies}


def _range(column: Floats) -> dict[str, float]:
    known = column[~np.isnan(column)]
    names = ("minimum", "quantile_01", "median", "quantile_99", "maximum")
    quantiles = np.quantile(known, [0, 0.01, 0.5, 0.99, 1]).round(6).tolist()
    return {**dict(zip(names, quantiles, strict=True)), "missing": round(1 - len(known) / len(column), 6)}
