"""The boosted trees: CatBoost's own file and engine, one thread.

The calibration curve travels in the metadata of the same file, so one hash covers the whole model.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoost

from predictions.scoring.calibration import Curve
from predictions.scoring.features import FEATURE_NAMES, tree_features
from predictions.scoring.raw import Floats, to_raw
from predictions.scoring.schema import Applicant

CALIBRATION_KEY = "approval_calibration"


class Boosting:
    """Sum of trees (log-odds of approval), then the calibration curve."""

    def __init__(self, engine: Any, curve: Curve) -> None:
        self._engine, self._curve = engine, curve

    @classmethod
    def read(cls, path: Path) -> "Boosting":
        """Raises whatever CatBoost raises, `ValueError` when the features are not ours."""
        engine = CatBoost()
        engine.load_model(str(path))
        if tuple(engine.feature_names_) != FEATURE_NAMES:
            raise ValueError("the model was trained on other features")
        return cls(engine, Curve.from_dict(json.loads(engine.get_metadata()[CALIBRATION_KEY])))

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        margins = self._engine.predict(tree_features(raw), prediction_type="RawFormulaVal", thread_count=1)
        return self._curve(np.asarray(margins, dtype=np.float64))
