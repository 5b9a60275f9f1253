"""The steps of a training, as they are told while it runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from predictions.training.artifacts import Artifact
from predictions.training.background import choose_background
from predictions.training.bins import make_bins
from predictions.training.calibration_fit import fit_calibration
from predictions.training.cross_fitting import Step, cross_fit
from predictions.training.data import Data
from predictions.training.model_card import make_model_card
from predictions.training.recipes import Effort, recipes

Told = Callable[[Step], None]


@dataclass(frozen=True)
class Trained:
    """A model that is trained and measured, and not written yet."""

    artifact: Artifact
    metrics: dict[str, float]


def train_models(
    data: Data, seed: int, effort: Effort, slugs: tuple[str, ...], told: Told
) -> Iterator[Trained]:
    """Train and measure these models, one after the other; calls `told` at the beginning of each step."""
    background = choose_background(data, seed)
    for recipe in recipes(effort):
        if recipe.slug in slugs:
            crossed = cross_fit(recipe, data, effort.folds, seed, told)
            told(Step("all_rows", recipe.slug))
            fitted, calibration = recipe.fit(data, seed), fit_calibration(crossed.outputs, data.approved)
            content = fitted.content(calibration)
            told(Step("card", recipe.slug))
            card = make_model_card(recipe, data, crossed, (fitted, calibration), seed, effort)
            bins = make_bins(data, calibration(crossed.outputs))
            artifact = Artifact(recipe.slug, recipe.file_name, content, card, background, bins)
            yield Trained(artifact, card["metrics"])


def slugs_of(effort: Effort) -> tuple[str, ...]:
    return tuple(recipe.slug for recipe in recipes(effort))


def count(effort: Effort, slugs: tuple[str, ...]) -> int:
    """Return how many steps a training has."""
    return len(slugs) * (effort.folds + 2)
