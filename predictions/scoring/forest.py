"""The random forest: an ONNX tree ensemble, one thread.

Leaves hold whole numbers (`SCALE` is certainty), so the float32 sum over trees is exact and does not
depend on the order in which ONNX Runtime adds them, hence neither on the batch. The calibration curve
travels in the metadata of the same file, so one hash covers the whole model.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from predictions.scoring.calibration import Curve
from predictions.scoring.features import FEATURE_NAMES, tree_features
from predictions.scoring.raw import Floats, to_raw
from predictions.scoring.schema import Applicant

CALIBRATION_KEY = "approval_calibration"
FEATURES_KEY = "features"
TREES_KEY = "trees"
UNKNOWN = np.float32(-1.0)  # Stands for a missing number; every real one is 0 or more.
SCALE = 4096  # A leaf's approval share in steps of 1/4096; 2**24 / 4096 trees still add up exactly.


def forest_features(raw: Floats) -> NDArray[np.float32]:
    """`tree_features` with `UNKNOWN` in place of NaN, shape (n, 19), float32."""
    features = tree_features(raw)
    features[np.isnan(features)] = UNKNOWN
    return features


class Forest:
    """Mean vote of the trees, then the calibration curve."""

    def __init__(self, session: Any, trees: int, curve: Curve) -> None:
        self._session, self._trees, self._curve = session, trees, curve

    @classmethod
    def read(cls, path: Path) -> "Forest":
        """Raises whatever ONNX Runtime raises, `ValueError` when the features are not ours."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        about = session.get_modelmeta().custom_metadata_map
        if tuple(json.loads(about[FEATURES_KEY])) != FEATURE_NAMES:
            raise ValueError("the model was trained on other features")
        return cls(session, int(about[TREES_KEY]), Curve.from_dict(json.loads(about[CALIBRATION_KEY])))

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        (votes,) = self._session.run(None, {"features": forest_features(raw)})
        return self._curve(votes[:, 0].astype(np.float64) / (SCALE * self._trees))
