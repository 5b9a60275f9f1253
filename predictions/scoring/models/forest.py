"""The random forest, an ONNX tree ensemble, with one thread.

Leaves hold whole numbers from 0 to `SCALE`, so the float32 sum over trees is exact. It does not depend on
the order in which ONNX Runtime adds the trees, and so not on the batch.
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
UNKNOWN = np.float32(-1.0)  # Replaces a missing number; known numbers are never negative.
SCALE = 4096  # A leaf's approval share in steps of 1/4096; the sum is exact for up to 4,096 trees.


def without_nan(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the features of a tree model with `UNKNOWN` instead of NaN."""
    # fmax returns the number if the other argument is NaN, and no known feature is below UNKNOWN.
    return np.fmax(features, UNKNOWN)


class Forest:
    """Takes the mean of the trees' votes, then applies the calibration."""

    def __init__(self, session: Any, trees: int, settings: TreeSettings) -> None:
        self.session, self._trees, self._settings = session, trees, settings
        self.columns = settings.features.columns

    @classmethod
    def read(cls, content: bytes, columns: Columns = LIVE) -> "Forest":
        """Raises the errors of ONNX Runtime, and `ValueError` or `KeyError` if the settings are not valid."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
        settings = TreeSettings.from_json(metadata[SETTINGS_KEY], columns)
        return cls(session, int(metadata[TREES_KEY]), settings)

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(self.columns.to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        features = without_nan(self._settings.features_of(raw))
        (votes,) = self.session.run(None, {"features": features})
        return self._settings.calibration(votes[:, 0].astype(np.float64) / (SCALE * self._trees))
