"""Trains CatBoost and writes its model file reproducibly."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoostClassifier, Pool

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import Floats
from predictions.scoring.models.trees import SETTINGS_KEY, TreeFeatures, TreeSettings
from predictions.training.data import Data
from predictions.training.tree_features import directions_of, features_for

NEEDED_TO_PREDICT = ("class_params", "loss_function")


@dataclass(frozen=True)
class FittedBoosting:
    """A trained model and its features."""

    model: Any
    features: TreeFeatures

    def outputs(self, raw: Floats) -> Floats:
        """Return the log-odds of approval before calibration, shape (n,)."""
        margins = self.model.predict(self.features(raw), prediction_type="RawFormulaVal")
        return np.asarray(margins, np.float64)

    def content(self, calibration: Calibration) -> bytes:
        return _to_cbm(self.model, TreeSettings(calibration, self.features))


def fit_boosting(data: Data, seed: int, *, iterations: int) -> FittedBoosting:
    """Train a gradient boosting (L. Prokhorenkova et al., NeurIPS 2018) that is monotone by construction.

    Every tree is monotone in each feature that has a direction, and a sum of monotone trees is monotone.
    Shallow trees keep more of the accuracy under these constraints than deep ones. Each tree uses 70% of
    the rows.
    """
    features = features_for(data)
    model = CatBoostClassifier(
        iterations=iterations, learning_rate=0.06, depth=4, grow_policy="SymmetricTree",
        monotone_constraints=directions_of(features), border_count=254, bootstrap_type="Bernoulli",
        subsample=0.7, random_seed=seed, thread_count=1, verbose=False, allow_writing_files=False,
    )  # fmt: skip
    model.fit(Pool(features(data.raw), data.approved, feature_names=list(features.names)))
    return FittedBoosting(model, features)


def fit_free_boosting(data: Data, seed: int, *, iterations: int) -> FittedBoosting:
    """Train a gradient boosting without directions: larger trees that grow leaf by leaf measure best then."""
    features = features_for(data)
    model = CatBoostClassifier(
        iterations=iterations, learning_rate=0.06, grow_policy="Lossguide", max_leaves=32, depth=12,
        min_data_in_leaf=5, border_count=512, bootstrap_type="Bernoulli", subsample=0.7, random_seed=seed,
        thread_count=1, verbose=False, allow_writing_files=False,
    )  # fmt: skip
    model.fit(Pool(features(data.raw), data.approved, feature_names=list(features.names)))
    return FittedBoosting(model, features)


def _to_cbm(model: Any, settings: TreeSettings) -> bytes:
    """Return the model file. The same training gives the same bytes."""
    metadata = model.get_metadata()
    # CatBoost stores the time and a random id of the training, so the hash would differ for every run. What
    # it reads as JSON when it loads the file stays an object.
    for key in list(metadata.keys()):
        if key not in NEEDED_TO_PREDICT:
            metadata[key] = "{}" if metadata[key].startswith("{") else ""
    metadata[SETTINGS_KEY] = settings.to_json()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        return path.read_bytes()
