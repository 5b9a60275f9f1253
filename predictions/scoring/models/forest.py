"""The random forest: an ONNX tree ensemble, one thread.

Leaves hold whole numbers (`SCALE` is certainty), so the float32 sum over trees is exact and does not
depend on the order in which ONNX Runtime adds them, hence neither on the batch.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.trees import SETTINGS_KEY, TreeSettings
from predictions.scoring.schema import Applicant

TREES_KEY = "trees"
UNKNOWN = np.float32(-1.0)  # Stands for a missing number; every real one is 0 or more.
SCALE = 4096  # A leaf's approval share in steps of 1/4096; up to 4,096 trees still add up exactly.


def without_nan(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """The features of a tree model with `UNKNOWN` in place of NaN."""
    # fmax takes the number of a number and NaN; no real feature is below UNKNOWN.
    return np.fmax(features, UNKNOWN)


class Forest:
    """Mean vote of the trees, then the calibration."""

    def __init__(self, session: Any, trees: int, settings: TreeSettings) -> None:
        self.session, self._trees, self._settings = session, trees, settings
        self.columns = settings.features.columns

    @classmethod
    def read(cls, content: bytes, columns: Columns = LIVE) -> "Forest":
        """Raises whatever ONNX Runtime raises, `ValueError` or `KeyError` when the settings are not ours."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        about = session.get_modelmeta().custom_metadata_map
        return cls(session, int(about[TREES_KEY]), TreeSettings.from_json(about[SETTINGS_KEY], columns))

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(self.columns.to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        features = without_nan(self._settings.features_of(raw))
        (votes,) = self.session.run(None, {"features": features})
        return self._settings.calibration(votes[:, 0].astype(np.float64) / (SCALE * self._trees))
