"""Cross-fitting: how all models are trained, calibrated and measured.

The raw outputs of every fold come from a model that was not trained on the fold. The calibration is fitted
to those outputs. For the model card, the calibration of each fold is fitted to the other folds only, so the
card's probabilities are out of sample for both the model and the calibration. The model on sale is trained
by the same recipe on all rows, with the calibration of all out-of-fold outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats
from predictions.training.calibration_fit import fit_calibration
from predictions.training.data import Data
from predictions.training.recipes import Fitted, Recipe

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Step:
    """A step that begins now: a `fold` (`number` of `count`), `all_rows`, or the `card`."""

    code: str
    slug: str
    number: int = 0
    count: int = 0

    def __str__(self) -> str:
        what = {"all_rows": "all rows", "card": "model card"}
        return f"{self.slug}: {what.get(self.code) or f'fold {self.number} of {self.count}'}"


def folds(groups: NDArray[np.int64], count: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Return `count` pairs (training rows, held-out rows). Rows of one group are never on both sides."""
    random = np.random.default_rng(seed)
    fold_of_group = random.permutation(int(groups.max()) + 1) % count
    fold_of_row = fold_of_group[groups]
    return [
        (np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)) for fold in range(count)
    ]


@dataclass(frozen=True)
class CrossFitted:
    """`outputs` and out-of-sample `approval` (n,), and the rows, model and calibration of each fold."""

    outputs: Floats
    approval: Floats
    folds: list[tuple[Rows, Rows]]
    models: list[Fitted]
    calibrations: list[Calibration]

    def approval_of(self, raw: Floats) -> Floats:
        """Return the out-of-sample approval of `raw`; its row i is row i of the data after a change."""
        approval = np.empty(len(raw))
        for (_learn, held_out), model, calibration in zip(
            self.folds, self.models, self.calibrations, strict=True
        ):
            approval[held_out] = calibration(model.outputs(raw[held_out]))
        return approval


def cross_fit(recipe: Recipe, data: Data, count: int, seed: int, told: Callable[[Step], None]) -> CrossFitted:
    """Return out-of-sample outputs and probabilities of every row of `data`, from `count` folds."""
    outputs, approval = np.empty(len(data)), np.empty(len(data))
    split, models, calibrations = folds(data.groups, count, seed), [], []
    for number, (learn, held_out) in enumerate(split, 1):
        told(Step("fold", recipe.slug, number, count))
        models.append(recipe.fit(data.take(learn), seed))
        outputs[held_out] = models[-1].outputs(data.raw[held_out])
    for learn, held_out in split:
        calibrations.append(fit_calibration(outputs[learn], data.approved[learn]))
        approval[held_out] = calibrations[-1](outputs[held_out])
    return CrossFitted(outputs, approval, split, models, calibrations)
