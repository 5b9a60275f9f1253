"""Trains CatBoost and writes its model file reproducibly."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoostClassifier, Pool, sum_models

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats
from predictions.scoring.models.trees import SETTINGS_KEY, TreeSettings, tree_features
from predictions.training.data import Data
from predictions.training.parts import favored_age

NEEDED_TO_PREDICT = ("class_params", "loss_function")


@dataclass(frozen=True)
class FittedBoosting:
    """A trained model, and the age at which it scores the elderly."""

    model: Any
    elderly_as: int

    def outputs(self, raw: Floats) -> Floats:
        return margins(self.model, raw, self.elderly_as)

    def content(self, calibration: Calibration) -> bytes:
        return _to_cbm(self.model, TreeSettings(calibration, self.elderly_as))


def fit_boosting(data: Data, seed: int, *, bags: int, iterations: int) -> FittedBoosting:
    """Train `bags` gradient boostings (L. Prokhorenkova et al., NeurIPS 2018) and return their mean.

    They differ in the seed, and each tree uses 70% of the rows. The mean is more accurate and more stable
    than a single boosting.
    """
    pool = Pool(tree_features(data.raw), data.approved, feature_names=list(tree_features.names))
    models = [_boost(pool, seed + bag, iterations) for bag in range(bags)]
    model = sum_models(models, weights=[1 / bags] * bags)
    return FittedBoosting(model, favored_age(data.raw, lambda raw: margins(model, raw, None)))


def margins(model: Any, raw: Floats, elderly_as: int | None) -> Floats:
    """Return the log-odds of approval before calibration, shape (n,)."""
    features = tree_features(raw, elderly_as)
    return np.asarray(model.predict(features, prediction_type="RawFormulaVal"), np.float64)


def _boost(pool: Any, seed: int, iterations: int) -> Any:
    model = CatBoostClassifier(
        iterations=iterations, learning_rate=0.06, grow_policy="Lossguide", max_leaves=32, depth=12,
        min_data_in_leaf=5, border_count=512, bootstrap_type="Bernoulli", subsample=0.7, random_seed=seed,
        thread_count=2, verbose=False, allow_writing_files=False,
    )  # fmt: skip
    return model.fit(pool)


def _to_cbm(model: Any, settings: TreeSettings) -> bytes:
    """Return the model file. The same training gives the same bytes."""
    metadata = model.get_metadata()
    # CatBoost stores the time and a random id of the training, so the hash would differ for every run.
    for key in list(metadata.keys()):
        if key not in NEEDED_TO_PREDICT:
            metadata[key] = ""
    metadata[SETTINGS_KEY] = settings.to_json()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        return path.read_bytes()
