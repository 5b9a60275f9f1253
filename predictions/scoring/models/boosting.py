"""The boosted trees: CatBoost's own file and engine, one thread."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from catboost import CatBoost

from predictions.scoring.models.protocol import Floats, to_raw
from predictions.scoring.models.trees import SETTINGS_KEY, TreeSettings, tree_features
from predictions.scoring.schema import Applicant


class Boosting:
    """Sum of trees (log-odds of approval), then the calibration."""

    def __init__(self, engine: Any, settings: TreeSettings) -> None:
        self.engine, self._settings = engine, settings

    @classmethod
    def read(cls, content: bytes) -> "Boosting":
        """Raises whatever CatBoost raises, `ValueError` or `KeyError` when the settings are not ours."""
        engine = CatBoost()
        engine.load_model(blob=content)
        return cls(engine, TreeSettings.from_json(engine.get_metadata()[SETTINGS_KEY]))

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        features = tree_features(raw, self._settings.elderly_as)
        margins = self.engine.predict(features, prediction_type="RawFormulaVal", thread_count=1)
        return self._settings.calibration(np.asarray(margins, dtype=np.float64))
