"""The one way in which all models are trained, calibrated and checked.

Cross-fitting: every fold's raw outputs come from a model that never saw the fold. The calibration
curve is fitted to those outputs. For the card, each fold's curve is fitted to the other folds only, so
the card's probabilities are out of sample for the trees and for the curve alike. What is sold is the
same recipe on all rows with the curve of all out-of-fold outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from predictions.scoring.calibration import Curve
from predictions.scoring.raw import Floats
from predictions.scoring.training.curve_fit import fit_curve
from predictions.scoring.training.data import Data
from predictions.scoring.training.folds import Rows, folds


class Fitted(Protocol):
    """A trained model before calibration."""

    def outputs(self, raw: Floats) -> Floats:
        """Raw outputs, shape (n,): any number that rises with the approval."""

    def content(self, curve: Curve) -> bytes:
        """The model file, the curve inside."""


@dataclass(frozen=True)
class Recipe:
    """How to train one model: `fit(data, seed)`. `method` is a key of `card.METHODS`."""

    slug: str
    method: str
    file_name: str
    fit: Callable[[Data, int], Fitted]


@dataclass(frozen=True)
class CrossFitted:
    """`outputs` and out-of-sample `approval` (n,), the `folds`, each fold's model and curve."""

    outputs: Floats
    approval: Floats
    folds: list[tuple[Rows, Rows]]
    models: list[Fitted]
    curves: list[Curve]

    def approval_of(self, raw: Floats) -> Floats:
        """Out-of-sample approval of changed rows: row i of `raw` (n, 11) is row i of the data, changed."""
        approval = np.empty(len(raw))
        for (_learn, held_out), model, curve in zip(self.folds, self.models, self.curves, strict=True):
            approval[held_out] = curve(model.outputs(raw[held_out]))
        return approval


def cross_fit(
    recipe: Recipe, data: Data, count: int, seed: int, progress: Callable[[str], None]
) -> CrossFitted:
    """Out-of-sample outputs and probabilities of every row of `data`, from `count` folds."""
    outputs, approval = np.empty(len(data)), np.empty(len(data))
    split, models, curves = folds(data.groups, count, seed), [], []
    for number, (learn, held_out) in enumerate(split, 1):
        progress(f"{recipe.slug}: fold {number} of {count}")
        models.append(recipe.fit(data.take(learn), seed))
        outputs[held_out] = models[-1].outputs(data.raw[held_out])
    for learn, held_out in split:
        curves.append(fit_curve(outputs[learn], data.approved[learn]))
        approval[held_out] = curves[-1](outputs[held_out])
    return CrossFitted(outputs, approval, split, models, curves)
