"""The boosted trees, in CatBoost's file format and engine, with one thread."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from catboost import CatBoost

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.trees import SETTINGS_KEY, TreeSettings
from predictions.scoring.schema import Applicant


class Boosting:
    """Adds up the trees (log-odds of approval), then applies the calibration."""

    def __init__(self, engine: Any, settings: TreeSettings) -> None:
        self.engine, self._settings = engine, settings
        self.columns = settings.features.columns

    @classmethod
    def read(cls, content: bytes, columns: Columns = LIVE) -> "Boosting":
        """Raises the errors of CatBoost, and `ValueError` or `KeyError` if the settings are not valid."""
        engine = CatBoost()
        engine.load_model(blob=content)
        return cls(engine, TreeSettings.from_json(engine.get_metadata()[SETTINGS_KEY], columns))

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(self.columns.to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        features = self._settings.features_of(raw)
        margins = self.engine.predict(features, prediction_type="RawFormulaVal", thread_count=1)
        return self._settings.calibration(np.asarray(margins, dtype=np.float64))
