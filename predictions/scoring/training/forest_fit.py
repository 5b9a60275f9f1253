"""Grows the random forest and writes it as ONNX."""

import json
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from sklearn.ensemble import RandomForestClassifier

from predictions.scoring.calibration import Curve
from predictions.scoring.features import FEATURE_NAMES
from predictions.scoring.forest import CALIBRATION_KEY, FEATURES_KEY, SCALE, TREES_KEY, forest_features
from predictions.scoring.raw import Floats
from predictions.scoring.training.data import Data

OPSET, ML_OPSET, IR_VERSION = 17, 3, 8


def grow_forest(data: Data, trees: int, seed: int) -> RandomForestClassifier:
    """A forest of `trees` (L. Breiman, Machine Learning 45, 2001) that votes for approval."""
    forest = RandomForestClassifier(trees, max_features=0.4, min_samples_leaf=3, random_state=seed, n_jobs=2)
    return forest.fit(forest_features(data.raw), data.approved)


def votes(forest: RandomForestClassifier, raw: Floats) -> Floats:
    """The forest's raw output, shape (n,), rounded as the ONNX file rounds it."""
    features = forest_features(raw)
    total = sum(np.rint(tree.predict_proba(features)[:, 1] * SCALE) for tree in forest.estimators_)
    return np.asarray(total / (SCALE * len(forest.estimators_)))


def to_onnx(forest: RandomForestClassifier, curve: Curve) -> bytes:
    """The forest as one TreeEnsembleRegressor whose leaves are whole numbers, and its curve."""
    nodes: dict[str, list[Any]] = {key: [] for key in _NODE_KEYS}
    for number, tree in enumerate(forest.estimators_):
        _add_tree(nodes, number, tree.tree_)
    ensemble = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["votes"], domain="ai.onnx.ml", n_targets=1, **nodes
    )
    graph = helper.make_graph(
        [ensemble],
        "random-forest",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, len(FEATURE_NAMES)])],
        [helper.make_tensor_value_info("votes", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    about = {
        FEATURES_KEY: json.dumps(FEATURE_NAMES),
        TREES_KEY: str(len(forest.estimators_)),
        CALIBRATION_KEY: json.dumps(curve.to_dict()),
    }
    helper.set_model_props(model, about)
    return bytes(model.SerializeToString(deterministic=True))


_NODE_KEYS = (
    "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values",
    "nodes_truenodeids", "nodes_falsenodeids",
    "target_treeids", "target_nodeids", "target_ids", "target_weights",
)  # fmt: skip


def _add_tree(nodes: dict[str, list[Any]], number: int, tree: Any) -> None:
    leaf = tree.children_left < 0
    count = tree.node_count
    nodes["nodes_treeids"] += [number] * count
    nodes["nodes_nodeids"] += list(range(count))
    nodes["nodes_featureids"] += np.where(leaf, 0, tree.feature).tolist()
    nodes["nodes_modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
    nodes["nodes_values"] += _float32_below(np.where(leaf, 0.0, tree.threshold))
    nodes["nodes_truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
    nodes["nodes_falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()
    leaves = np.flatnonzero(leaf)
    nodes["target_treeids"] += [number] * len(leaves)
    nodes["target_nodeids"] += leaves.tolist()
    nodes["target_ids"] += [0] * len(leaves)
    nodes["target_weights"] += np.rint(tree.value[leaves, 0, 1] * SCALE).tolist()


def _float32_below(thresholds: Floats) -> list[float]:
    """The largest float32 not above each threshold: `x <= t` then answers the same for a float32 x."""
    rounded = thresholds.astype(np.float32)
    above = rounded > thresholds
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return [float(value) for value in rounded]
