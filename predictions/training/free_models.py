"""Measures what the directions of a model cost: the same kind of model, free to answer as the data has it.

Training does it for each new version. For versions that were trained before, with the same data:
``python -m predictions.training.free_models ml_artifacts DATA.csv``. It changes their cards and nothing else.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from predictions.scoring import artifacts
from predictions.scoring.artifacts import CARD
from predictions.training.artifacts import add_file
from predictions.training.cross_fitting import cross_fit
from predictions.training.data import Data, read_data
from predictions.training.recipes import FULL, RECIPE, Effort, Recipe, recipes
from predictions.training.stability import directions, noise

KEPT = 0.002  # Of the AUC.
Progress = Callable[[object], None]


def _silent(_step: object) -> None:
    pass


def free_figures(
    recipe: Recipe, data: Data, effort: Effort, seed: int, progress: Progress = _silent
) -> dict[str, Any]:
    """Return figures like those in `stability` of the model card, of a free model on the same folds."""
    free = replace(recipe, slug=f"{recipe.slug}, free", fit=recipe.free)
    crossed = cross_fit(free, data, effort.folds, seed, progress)
    return {
        "noise": noise(data.raw, data.approved, crossed.approval_of, seed),
        "directions": directions(data.raw, crossed.approval_of),
    }


def with_free(card: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """Return the model card with these figures, which decide whether it may say what `free_model` says.

    That is: a free model ranks better, but not by more than `KEPT` once incomes have moved.
    """
    (own, *_some, own_moved), (free, *_more, free_moved) = card["stability"]["noise"], figures["noise"]
    better = free["roc_auc"] > own["roc_auc"]
    given_up = better and free_moved["roc_auc"] - own_moved["roc_auc"] <= KEPT
    limits = [limit for limit in card["limits"] if limit != "free_model" or given_up]
    return {**card, "free": figures, "limits": limits}


def main(folder: Path, path: Path, effort: Effort = FULL) -> None:
    """Add the figures to the cards of this recipe that lack them and were trained with this data.

    Raises `BadData`, `ArtifactError`.
    """
    data = read_data(path)
    for recipe in recipes(effort):
        found: dict[int, dict[str, Any]] = {}
        for ref in artifacts.versions(folder, recipe.slug):
            card = artifacts.model_card(folder, ref.slug, ref.version)
            of_it = card["data"]["sha256"] == data.sha256 and card.get("recipe") == RECIPE
            if not of_it or "free" in card:
                continue
            seed = card["seed"]
            if seed not in found:
                found[seed] = free_figures(recipe, data, effort, seed, print)
            add_file(folder, ref, CARD, with_free(card, found[seed]))
            print(f"{ref.slug} {ref.version}: compared with a free model")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
