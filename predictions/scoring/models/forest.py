"""The random forest, an ONNX tree ensemble, with one thread.

Leaves hold whole numbers from 0 to `SCALE`, so the float32 sum over trees is exact. It does not depend on
the order in which ONNX Runtime adds the trees, and so not on the batch.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from predictions.scoring.models.boxes import Boxes, Trees
from predictions.scoring.models.columns import Columns
from predictions.scoring.models.mixes import Worth
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.tree_worth import TreeWorth
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
        self.session, self._trees, self.settings = session, trees, settings
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
        features = without_nan(self.settings.features_of(raw))
        (votes,) = self.session.run(None, {"features": features})
        return self.settings.calibration(votes[:, 0].astype(np.float64) / (SCALE * self._trees))

    def worth(self, content: bytes, background: Floats) -> Worth:
        # Most leaves approve of everyone. Counting the votes against approval leaves them out.
        against = Boxes.of(_trees(content, missing=SCALE), len(self.settings.features.names))

        def to_approval(sums: Floats) -> Floats:
            return self.settings.calibration((SCALE * self._trees + sums) / (SCALE * self._trees))

        def to_features(raw: Floats) -> NDArray[np.float32]:
            return without_nan(self.settings.features_of(raw))

        return TreeWorth(against, self.settings.features, background, to_features, to_approval)


def _trees(content: bytes, missing: int) -> Trees:
    """Return the trees of an ONNX file whose leaves have their votes less `missing`.

    `training.forest_onnx` writes the nodes in the order of their numbers, a tree after the other.
    """
    import onnx  # Only the explainer needs it, and it takes memory.

    (ensemble,) = onnx.load_from_string(content).graph.node
    nodes = {part.name: np.array(onnx.helper.get_attribute_value(part)) for part in ensemble.attribute}
    roots = np.flatnonzero(nodes["nodes_nodeids"] == 0)
    first = np.repeat(roots, np.diff(roots, append=len(nodes["nodes_nodeids"])))
    is_leaf = nodes["nodes_modes"] == b"LEAF"
    value = np.zeros(len(is_leaf))
    leaves = roots[nodes["target_treeids"]] + nodes["target_nodeids"]
    value[leaves] = nodes["target_weights"] - missing
    return Trees(
        feature=nodes["nodes_featureids"],
        threshold=nodes["nodes_values"].astype(np.float32),
        left=np.where(is_leaf, -1, first + nodes["nodes_truenodeids"]),
        right=np.where(is_leaf, -1, first + nodes["nodes_falsenodeids"]),
        value=value,
        roots=roots,
    )
