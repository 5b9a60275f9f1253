"""Trains CatBoost and writes its own file, made repeatable."""

import json
import tempfile
from pathlib import Path

import numpy as np
from catboost import CatBoostClassifier, Pool

from predictions.scoring.boosting import CALIBRATION_KEY
from predictions.scoring.calibration import Curve
from predictions.scoring.features import FEATURE_NAMES, tree_features
from predictions.scoring.raw import Floats
from predictions.scoring.training.data import Data

# What CatBoost notes about a training run; it would give every run another hash.
CHANGING_KEYS = ("train_finish_time", "model_guid", "output_options")


def boost(data: Data, iterations: int, seed: int) -> CatBoostClassifier:
    """Gradient boosting on symmetric trees (L. Prokhorenkova et al., NeurIPS 2018)."""
    model = CatBoostClassifier(
        iterations=iterations, learning_rate=0.05, depth=6, random_seed=seed, thread_count=2,
        verbose=False, allow_writing_files=False,
    )  # fmt: skip
    return model.fit(Pool(tree_features(data.raw), data.approved, feature_names=list(FEATURE_NAMES)))


def margins(model: CatBoostClassifier, raw: Floats) -> Floats:
    """Log-odds of approval before calibration, shape (n,)."""
    return np.asarray(model.predict(tree_features(raw), prediction_type="RawFormulaVal"), np.float64)


def to_cbm(model: CatBoostClassifier, curve: Curve) -> bytes:
    """The model file, the curve in its metadata; the same training gives the same bytes."""
    metadata = model.get_metadata()
    for key in CHANGING_KEYS:
        if key in metadata:
            metadata[key] = ""
    metadata[CALIBRATION_KEY] = json.dumps(curve.to_dict())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        return path.read_bytes()
